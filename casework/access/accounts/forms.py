"""The forms of sign-in and of one's own account: what was typed, nothing more."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.partners.passwords import HELP


class BareForm(forms.Form):
    """A form whose fields are all required: nothing is marked as optional."""

    required_css_class = ""
    use_required_attribute = True
    hide_optional = True


class SignInForm(BareForm):
    """E-mail and password."""

    email = forms.CharField(
        label="Adresse électronique",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Mot de passe",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(BareForm):
    """The six digits of the app, or a recovery code."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=40,
        help_text="Affiché par l’application sur votre téléphone. Les espaces ne comptent pas.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
        ),
    )


class ConfirmForm(BareForm):
    """The code that confirms who is there; its name is its own, since it travels with another form."""

    confirm_code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=40,
        help_text="Affiché par l’application sur votre téléphone. Sans téléphone : un de vos codes de secours.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}
        ),
    )


class RecoveryForm(BareForm):
    """A recovery code."""

    code = forms.CharField(
        label="Code de secours",
        max_length=40,
        help_text="Dix signes, par exemple 7KQF2-M9XRD. Majuscules et tiret ne comptent pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )


class PasskeyForm(BareForm):
    """The name of a new security key, and what it signed: filled by the browser."""

    name = forms.CharField(
        label="Nom de cette clé",
        max_length=40,
        help_text="Pour la reconnaître plus tard : « clé du bureau », « clé de secours ».",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    passkey = forms.CharField(
        widget=forms.HiddenInput,
        max_length=20_000,
        error_messages={"required": "La clé n’a rien signé : touchez-la quand le navigateur le demande."},
    )


class PasskeyNameForm(BareForm):
    """Another name for a key."""

    name = forms.CharField(
        label="Nom de cette clé", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class PasswordForm(BareForm):
    """A new password, twice."""

    password = forms.CharField(
        label="Mot de passe",
        max_length=1024,
        strip=False,
        help_text=HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    again = forms.CharField(
        label="Le même, encore une fois",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        found = super().clean() or {}
        if found.get("password") and found.get("again") and found["password"] != found["again"]:
            self.add_error("again", "Les deux saisies sont différentes.")
        return found


class ChangePasswordForm(PasswordForm):
    """The current password, then the new one twice."""

    current = forms.CharField(
        label="Mot de passe actuel",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("current", "password", "again")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Nouveau mot de passe"


class UnlockForm(BareForm):
    """The password that reopens a locked screen."""

    password = forms.CharField(
        label="Mot de passe",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
