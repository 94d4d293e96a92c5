"""What minigrad was built with: nothing but Python."""

cuda = None
hip = None
