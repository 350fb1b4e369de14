"""What a quiz on a page does, checked on a page that is open."""

from __future__ import annotations

from lecturelib.exercises import list_quizzes, quiz


def quizzes_reply_to_the_choice_alone(page, chapter):
    for slug in list_quizzes(chapter):
        box = page.locator(f"#quiz-{slug}")
        for i, choice in enumerate(quiz(slug).choices):
            box.get_by_label(choice.text, exact=True).check()
            shown = box.locator(".lq-reply:visible")
            assert shown.count() == 1, slug
            assert choice.reply in shown.inner_text()
            assert shown.get_attribute("id") == f"quiz-{slug}-r{i}"


def quiz_is_answered_by_keyboard(page, slug):
    assert page.locator(f"#quiz-{slug} .lq-reply:visible").count() == 0
    page.locator(f"#quiz-{slug}-0").focus()
    page.keyboard.press("Space")
    assert page.locator(f"#quiz-{slug}-r0").is_visible()
    page.keyboard.press("ArrowDown")
    assert page.locator(f"#quiz-{slug}-r1").is_visible()
    assert not page.locator(f"#quiz-{slug}-r0").is_visible()
    replies = page.locator(f"#quiz-{slug} [role=status]")
    assert quiz(slug).choices[1].reply in replies.inner_text()


def answered_quizzes_fit(page, chapter, width):
    """Each shows its first reply; the looks at the whole page see them so."""
    for slug in list_quizzes(chapter):
        box = page.locator(f"#quiz-{slug}")
        box.locator("input").first.check()
        assert box.bounding_box()["width"] <= width, slug
