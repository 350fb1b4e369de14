"""What runs inside the sandbox: trusted code up to the point where a student's cell begins.

``server`` has imported torch and forks one process a submission; ``jail`` gives that process
namespaces of its own; ``session`` runs the cells and then the tests; ``canaries`` notices what was
tampered with; ``recording`` counts a test's checks one by one; ``wire`` frames messages.
"""
