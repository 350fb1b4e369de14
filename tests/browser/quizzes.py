"""What a quiz on a page does, checked on a page that is open."""

from __future__ import annotations

from lecturelib.exercises import list_quizzes, quiz

# Each choice of a quiz is made in turn: its label, the replies that are seen then, and their text.
REPLIES = """id => [...document.querySelectorAll(`#${id} input`)].map(input => {
    input.click();
    const seen = [...document.querySelectorAll(`#${id} .lq-reply`)].filter(
        reply => reply.checkVisibility({visibilityProperty: true}));
    const words = box => box.innerText.replace(/\\s+/g, ' ').trim();
    return [words(input.labels[0]), seen.map(reply => reply.id), seen.map(words).join(' ')];
})"""


def quizzes_reply_to_the_choice_alone(page, chapter):
    for slug in list_quizzes(chapter):
        choices = quiz(slug).choices
        made = page.evaluate(REPLIES, f"quiz-{slug}")
        assert [label for label, _, _ in made] == [choice.text for choice in choices]
        assert [ids for _, ids, _ in made] == [[f"quiz-{slug}-r{i}"] for i in range(len(choices))]
        for choice, (_, _, reply) in zip(choices, made, strict=True):
            assert choice.reply in reply, slug


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
