from django.apps import AppConfig


class CasefileConfig(AppConfig):
    name = "casework.casefile"
    label = "casefile"

    def ready(self) -> None:
        """Give a new territory the national lists: without a programme nobody can be followed."""
        from casework.casefile.actions import give_national_lists
        from casework.partners import hooks

        hooks.on_new_territory("casefile", give_national_lists)
