from django.apps import AppConfig


class CasefileConfig(AppConfig):
    name = "casework.casefile"
    label = "casefile"

    def ready(self) -> None:
        """Give a new territory the national lists, without which nobody can be followed; put them in the menu."""
        from casework.access.matrix import DataClass
        from casework.access.policy import Action
        from casework.casefile import navigation
        from casework.casefile.actions import give_national_lists
        from casework.partners import hooks

        navigation.register(
            navigation.Entry(
                label="Fin de fiche", url_name="endings:list", icon="archive", order=888, section=navigation.RIGHTS,
                action=Action.MANAGE, data_class=DataClass.RIGHTS,
            )
        )  # fmt: skip
        hooks.on_new_territory("casefile", give_national_lists)
        for label, url_name, icon, order in (
            ("Listes locales", "casefile:local_lists", "edit", 950),
            ("Vacances scolaires", "casefile:school_holidays", "calendar", 960),
        ):
            navigation.register(
                navigation.Entry(
                    label=label, url_name=url_name, icon=icon, order=order, section=navigation.PARTNERS, action=Action.MANAGE,
                    data_class=DataClass.ACCOUNTS, in_ressort=url_name != "casefile:school_holidays",
                )
            )  # fmt: skip
