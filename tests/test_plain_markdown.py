"""Each piece of MyST has a form in plain Markdown, or is refused by name.

What comes out is judged by MyST's own parser, which finds nothing of its own in it.
"""

from __future__ import annotations

import doctest
import importlib
import re

import pytest

from tools.course import ROOT, branch, page_address, repository
from tools.labels import Course, labelled, places, plain
from tools.plain_markdown import NoForm

PAGE = ROOT / "book" / "batch_norm.ipynb"
OTHER = page_address(ROOT / "book" / "backprop.ipynb")
RAW = f"{repository()}/raw/{branch()}/book"

myst_parser = pytest.importorskip("myst_parser")

# Kinds of token that plain Markdown does not have.
MYST = {
    *("myst_role", "myst_target", "myst_line_comment", "myst_block_break", "colon_fence"),
    *("math_block_label", "math_inline_double", "amsmath", "dl_open", "footnote_ref"),
    *("footnote_block_open", "substitution_inline", "substitution_block", "field_list_open"),
}


def myst_tokens(text: str) -> list[str]:
    """Every piece of MyST that MyST's own parser finds in a text."""
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
    parser = create_md_parser(MdParserConfig(enable_extensions=set(extensions)), RendererHTML)
    tokens = parser.parse(text)
    tokens += [child for token in tokens for child in token.children or []]
    found = [
        f"{token.type}: {token.content or token.info}" for token in tokens if token.type in MYST
    ]
    found += [t.info for t in tokens if t.type == "fence" and t.info.strip().startswith("{")]
    found += [
        f"relative link: {token.attrs[name]}"
        for token in tokens
        for name in {"href", "src"} & set(token.attrs)
        if not re.match(r"(https?|mailto):", str(token.attrs[name]))
    ]
    return found


@pytest.fixture(autouse=True)
def label(monkeypatch):
    """One more section that the chapter labels."""
    from tools import labels

    known = {**places(), "a-section": labels.Place(PAGE, "a-section", "Folding")}
    monkeypatch.setattr(labels, "places", lambda: known)


def same(text: str) -> None:
    assert plain(text, PAGE) == text


# --- formulas and references to them ------------------------------------------------------------


def number(name: str) -> str:
    return places()[name].text


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("$$\nx = y\n$$ (eq-bn-forward)", "$$\nx = y\n\\tag{N}\n$$"),
        ("$$ x = y $$ (eq-bn-forward)", "$$ x = y \\tag{N} $$"),
        ("$$x = y$$(eq-bn-forward)", "$$x = y \\tag{N} $$"),
        # In a quote on one line: its marks would be read as relations.
        ("> $$\n> x\n> $$ (eq-bn-forward)", "> $$ x \\tag{N} $$"),
        (":::{note}\n$$\nx\n$$ (eq-bn-forward)\n:::", "> **Note**\n>\n> $$ x \\tag{N} $$"),
        ("- $$\n  x\n  $$ (eq-bn-forward)", "- $$\n  x\n  \\tag{N}\n  $$"),
        ("```{math}\n:label: eq-bn-forward\nx = y\n```", "$$\nx = y\n\\tag{N}\n$$"),
        ("```{math}\nx = y\n```", "$$\nx = y\n$$"),
        # MathJax allows one tag, outside of every environment.
        (
            "$$\n\\begin{align}a &= b\\\\ c &= d\\end{align}\n$$ (eq-bn-forward)",
            "$$\n\\begin{aligned}a &= b\\\\ c &= d\\end{aligned}\n\\tag{N}\n$$",
        ),
        (
            "$$\na &= b\\\\\nc &= d\n$$ (eq-bn-forward)",
            "$$\n\\begin{aligned}a &= b\\\\\nc &= d\\end{aligned}\n\\tag{N}\n$$",
        ),
        (
            "$$\\begin{alignat*}{2}a &= b\\end{alignat*}$$ (eq-bn-forward)",
            "$$\\begin{alignedat}{2}a &= b\\end{alignedat} \\tag{N} $$",
        ),
        ("$$\na &= b\n$$", "$$\n\\begin{aligned}a &= b\\end{aligned}\n$$"),
        (
            "$$ \\begin{cases}1 & x\\\\ 0\\end{cases} $$ (eq-bn-forward)",
            "$$ \\begin{cases}1 & x\\\\ 0\\end{cases} \\tag{N} $$",
        ),
    ],
)
def test_a_labelled_formula_has_the_sites_number_as_its_tag(formula, expected):
    made = plain(formula, PAGE)
    assert made == expected.replace("{N}", f"{{{number('eq-bn-forward')}}}")
    assert myst_tokens(made) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("for $y<f$", "for $y< f$"),  # not the start of a tag, in any program
        ("$$ y<f $$", "$$ y< f $$"),
        ("> so $a\n> b$ is", "> so $a b$ is"),
        ("$$\na\n> b\n$$", "$$\na\n> b\n$$"),  # a relation, no quote
        ("> $$\n> a % why\n> \\%b\n> $$", "> $$ a  \\%b $$"),
    ],
)
def test_a_formula_can_not_be_taken_for_html_or_for_a_quote(given, expected):
    assert plain(given, PAGE) == expected


def test_a_reference_to_an_equation_is_its_number_with_a_link_to_another_page():
    assert plain("By {eq}`eq-bn-forward`.", PAGE) == f"By ({number('eq-bn-forward')})."
    there = plain("By {eq}`eq-bp-chain`.", PAGE)
    assert there == f"By [({number('eq-bp-chain')})]({OTHER}#equation-eq-bp-chain)."


def test_equations_are_counted_in_the_order_of_the_page_whatever_form_they_have():
    text = (
        "$$ a $$ (one)\n\n```{math}\n:label: two\nb\n```\n\n> $$ c $$ (three)\n\n"
        "`$$ code $$ (none)`\n\n```md\n$$ code $$ (none)\n```\n\n$$ d $$\n\n"
        ":::{note}\n$$ e $$ (four)\n:::\n"
    )
    assert [name for _, name, _ in labelled(text)] == ["one", "two", "three", "four"]


# --- citations ----------------------------------------------------------------------------------

IOFFE = "(https://arxiv.org/abs/1502.03167)"
CYBENKO = f"({page_address(ROOT / 'book' / 'bibliography.md')}#cybenko1989)"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("{cite:t}`ioffe2015`", f"[Ioffe and Szegedy (2015)]{IOFFE}"),
        ("{cite:p}`ioffe2015`", f"([Ioffe and Szegedy, 2015]{IOFFE})"),
        ("{cite}`ioffe2015`", f"([Ioffe and Szegedy, 2015]{IOFFE})"),
        ("{cite:alp}`ioffe2015`", f"[Ioffe and Szegedy, 2015]{IOFFE}"),
        ("{cite:author}`ioffe2015`", f"[Ioffe and Szegedy]{IOFFE}"),
        ("{cite:year}`ioffe2015`", f"[2015]{IOFFE}"),
        (
            "{cite:p}`cybenko1989,\nioffe2015`",
            f"([Cybenko, 1989]{CYBENKO}; [Ioffe and Szegedy, 2015]{IOFFE})",
        ),
        ("{cite:p}`{see}ioffe2015{p. 3}`", f"(see [Ioffe and Szegedy, 2015]{IOFFE}, p. 3)"),
        (
            "{cite:ts}`hornik1989`",
            "[Hornik, Stinchcombe, and White (1989)]" + CYBENKO.replace("cybenko", "hornik"),
        ),
        (
            "{cite:t}`baydin2018`",
            "[Baydin et al. (2018)](https://arxiv.org/abs/1502.05767)",
        ),
    ],
)
def test_a_citation_is_author_and_year_with_a_link(role, expected):
    assert plain(f"See {role}.", PAGE) == f"See {expected}."


def test_every_entry_of_the_bibliography_can_be_cited():
    bibliography = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE)
    assert len(keys) > 100
    for key in keys:
        made = plain(f"{{cite:t}}`{key}`", PAGE)
        assert re.fullmatch(r"\[[^{}\\\[\]]+ \(\d{4}\)\]\(https://\S+\)", made), made


# --- references and links -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{ref}`a-section`", f"[Folding]({page_address(PAGE)}#a-section)"),
        ("{ref}`see there <a-section>`", f"[see there]({page_address(PAGE)}#a-section)"),
        ("{numref}`a-section`", f"[Folding]({page_address(PAGE)}#a-section)"),
        ("{doc}`backprop`", f"[Backpropagation]({OTHER})"),
        ("{doc}`the engine <backprop>`", f"[the engine]({OTHER})"),
        ("[the engine](backprop.ipynb)", f"[the engine]({OTHER})"),
        ("[*the* engine](backprop.ipynb#graphs)", f"[*the* engine]({OTHER}#graphs)"),
        ("[](backprop.ipynb)", f"[Backpropagation]({OTHER})"),
        ("[here](#a-section)", f"[here]({page_address(PAGE)}#a-section)"),
        ('<a href="backprop.ipynb">it</a>', f'<a href="{OTHER}">it</a>'),
        ("[it]: backprop.ipynb", f"[it]: {OTHER}"),
        ("![A logo](_static/logo.svg)", f"![A logo]({RAW}/_static/logo.svg)"),
        ("[file](references.bib)", f"[file]({RAW}/references.bib)"),
        (
            "{download}`the\nlist <references.bib>`",
            f"[the list]({RAW}/references.bib)",
        ),
        (
            "a {term}`batch`, {term}`two batches <batch>`",
            "a [batch](G#term-batch), [two batches](G#term-batch)",
        ),
    ],
)
def test_references_are_links_to_the_site(given, expected):
    glossary = page_address(ROOT / "book" / "glossary.md")
    made = plain(given, PAGE)
    assert made == expected.replace("(G#", f"({glossary}#")
    assert myst_tokens(made) == []


def test_absolute_links_stay():
    same("[site](https://example.org/a_(b)), <https://example.org>, [mail](mailto:a@example.org)")


# --- directives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (":::{note}\nText.\n:::", "> **Note**\n>\n> Text."),
        (":::{note} Text.\n:::", "> **Note**\n>\n> Text."),
        ("```{tip}\nOne.\n\nTwo.\n```", "> **Tip**\n>\n> One.\n>\n> Two."),
        (":::{admonition} Is it\n:class: tip\nNo.\n:::", "> **Is it**\n>\n> No."),
        (":::{margin}\nText.\n:::", "> **Aside**\n>\n> Text."),
        (":::{prf:theorem} Steps\n:label: t\nText.\n:::", "> **Theorem (Steps)**\n>\n> Text."),
        (":::{prf:proof}\nText.\n:::", "> **Proof**\n>\n> Text."),
        (":::{exercise}\n:label: e\nText.\n:::", "> **Exercise**\n>\n> Text."),
        (":::{solution} e\nText.\n:::", "> **Solution**\n>\n> Text."),
        (
            ":::{dropdown} Answer\nText.\n:::",
            "<details><summary>Answer</summary>\n\nText.\n\n</details>",
        ),
        (
            "::::{note}\n:::{tip}\nInner {cite:year}`ioffe2015`.\n:::\n::::",
            f"> **Note**\n>\n> > **Tip**\n> >\n> > Inner [2015]{IOFFE}.",
        ),
        ("> :::{note}\n> Text.\n> :::", "> > **Note**\n> >\n> > Text."),
        ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
        (
            "```{figure} _static/logo.svg\n:alt: A logo\nThe caption.\n```",
            f"![A logo]({RAW}/_static/logo.svg)\n\nThe caption.",
        ),
    ],
)
def test_directives_become_block_quotes_with_a_bold_title(given, expected):
    made = plain(given, PAGE)
    assert made == expected
    assert myst_tokens(made) == []


@pytest.mark.parametrize(
    "given", ["(a-label)=\n## Title", "% a remark\n## Title", "+++\n## Title", "{.big}\n## Title"]
)
def test_what_only_myst_understands_and_no_reader_sees_is_dropped(given):
    assert plain(given, PAGE) == "## Title"


# --- what stays, what is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "`{cite:t}` is a role, and so is ``{eq}`x` ``.",
        "```python\n(label)=\nx = {term}`y`  # % no\n```",
        "~~~\n:::{note}\n~~~",
        "$a_{t}`b$ and $\\{x\\}$, $x< y$ and $[a](b)$",
        "$$\n% no comment\n\\text{a}\n$$",
        "costs \\$5, and \\{not a role}",
        "| a | b |\n|---|---|\n| $|x|$ | `a|b` |",
        "<details><summary>Answer</summary>\n\nYes.\n\n</details>",
        "1. a\n   - b\n\n     c",
        "> **Title.** Text",
        "a (b)= c, 5 % of it, 100 %",
    ],
)
def test_plain_markdown_stays_to_the_letter(text):
    same(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{unknown}`x`", "unknown"),
        (":::{list-table}\n:::", "list-table"),
        ("```{bibliography}\n```", "bibliography"),
        ("{eq}`eq-no-such`", "eq-no-such"),
        ("$$ x $$ (eq-no-such)", "eq-no-such"),
        ("{cite:t}`nobody1900`", "nobody1900"),
        ("{cite:odd}`ioffe2015`", "odd"),
        ("{term}`no such word`", "no such word"),
        ("{doc}`no_such_page`", "no_such_page"),
        ("[x](no_such_file.png)", "no_such_file"),
        ("Term\n: Definition", "definition"),
        ("A note.[^1]", "footnote"),
        ("\\begin{align}\na\n\\end{align}", "environment"),
        ("<project:#x>", "autolink"),
    ],
)
def test_what_has_no_form_is_refused_by_name(text, named):
    with pytest.raises(NoForm, match=named):
        plain(text, PAGE)


def test_what_is_plain_already_is_not_changed_again():
    source = (
        "{cite:t}`ioffe2015`, {eq}`eq-bp-chain`\n\n$$ x $$ (eq-bn-forward)\n\n:::{note}\nA.\n:::"
    )
    once = plain(source, PAGE)
    assert plain(once, PAGE) == once


def test_the_resolver_knows_the_page():
    assert (
        Course(ROOT / "book" / "exercises" / "backprop.ipynb").address("../backprop.ipynb") == OTHER
    )


@pytest.mark.parametrize("name", ["plain_markdown", "labels", "citations"])
def test_examples_of_the_docstrings(name):
    results = doctest.testmod(importlib.import_module(f"tools.{name}"))
    assert results.attempted > 0
    assert results.failed == 0
