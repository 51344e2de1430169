"""The application of the models of tests/sealing/world.py; installed in their own registry only."""

from django.apps import AppConfig


class SealingTestsConfig(AppConfig):
    """Gives the test models a label of their own, so that the router leaves them in the main database."""

    name = "tests.sealing"
    label = "sealing_tests"
