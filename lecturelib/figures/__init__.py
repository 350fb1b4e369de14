"""The look of the book's figures: one visual identity for each method, in :mod:`figures.style
<lecturelib.figures.style>`. The figures themselves stand with their chapters."""
