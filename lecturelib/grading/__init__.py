"""Grade a class: one course file, damaged notebooks mended, student code in a sandbox.

    python -m lecturelib.grading new FOLDER     a course folder with a course file to fill in
    python -m lecturelib.grading release        what students get, and the tests that they do not
    python -m lecturelib.grading collect        find student and attempt in what came in
    python -m lecturelib.grading grade          run it in the sandbox, points into the gradebook
    python -m lecturelib.grading report         feedback for each student, a page for you
    python -m lecturelib.grading export         points as Canvas and Moodle import them

It needs ``pip install "lecturelib[instructor]"``, bubblewrap, and a folder of master notebooks.
The page *For instructors* tells the rest.
"""
