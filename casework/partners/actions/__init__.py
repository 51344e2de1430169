"""Every write of partners. Keyword-only; `by` acts; one transaction; its events last.

houses     territories, services, groups, rules, charter
mandates   who acts for whom: appoint, renew, end, hand over, seats
accounts   how people get in: invitations, passwords, second factor, sessions
"""

from casework.partners.actions.accounts import (
    Invited,
    accept_invitation,
    change_password,
    close_account,
    close_sessions,
    confirm_enrolment,
    create_agent,
    enrol_totp,
    invite,
    regenerate_recovery_codes,
    reissue_access,
    renew_invitation,
    reopen_account,
    revoke_invitation,
    send_invitation_mail,
    use_recovery_code,
)
from casework.partners.actions.houses import (
    adopt_charter,
    adopt_group_rules,
    change_organisation,
    create_group,
    create_organisation,
    create_territory,
    end_group_rules,
    join_group,
    leave_group,
)
from casework.partners.actions.mandates import (
    appoint,
    end_mandate,
    end_seat,
    hand_over,
    name_seat,
    renew,
    sign_charter,
    switch_deputy_on,
    use_mandate,
)

__all__ = [
    "Invited",
    "accept_invitation",
    "adopt_charter",
    "adopt_group_rules",
    "appoint",
    "change_organisation",
    "change_password",
    "close_account",
    "close_sessions",
    "confirm_enrolment",
    "create_agent",
    "create_group",
    "create_organisation",
    "create_territory",
    "end_group_rules",
    "end_mandate",
    "end_seat",
    "enrol_totp",
    "hand_over",
    "invite",
    "join_group",
    "leave_group",
    "name_seat",
    "regenerate_recovery_codes",
    "reissue_access",
    "renew",
    "renew_invitation",
    "reopen_account",
    "revoke_invitation",
    "send_invitation_mail",
    "sign_charter",
    "switch_deputy_on",
    "use_mandate",
    "use_recovery_code",
]
