"""The image of the four services and of the one-shot jobs: a Dockerfile and the pinned packages that go into it."""
