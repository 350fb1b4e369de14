"""Answers to the exercises, right and wrong, against which the checkers are tested.

They stay out of the package. Each exercise has a module, in a
folder of its chapter or with the chapter in its name; it holds

* ``SLUG``;
* ``RIGHT``: at least two answers in different styles that must pass;
* ``WRONG``: at least four plausible wrong answers by the diagnosis that each must get, its own;
* ``UNLISTED``: wrong answers that no diagnosis was written for, by the diagnosis that they get,
  with words that its reply must hold to be of use.
"""
