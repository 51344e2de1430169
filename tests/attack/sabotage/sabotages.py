"""The controls we take away, one at a time. The core ones run at each landing."""

from __future__ import annotations

from tests.attack.sabotage.access import ACCESS
from tests.attack.sabotage.disclosure import DISCLOSURE
from tests.attack.sabotage.each import EACH
from tests.attack.sabotage.figures import FIGURES
from tests.attack.sabotage.harness import Sabotage
from tests.attack.sabotage.hosts import HOSTS
from tests.attack.sabotage.journal import JOURNAL
from tests.attack.sabotage.measures import MEASURES
from tests.attack.sabotage.phones import PHONES
from tests.attack.sabotage.placements import PLACEMENTS
from tests.attack.sabotage.proof import PROOF
from tests.attack.sabotage.quarters import QUARTERS
from tests.attack.sabotage.reparations import REPARATIONS
from tests.attack.sabotage.returns import RETURNS
from tests.attack.sabotage.sealing import SEALING
from tests.attack.sabotage.sign_in import SIGN_IN
from tests.attack.sabotage.supports import SUPPORTS
from tests.attack.sabotage.victims import VICTIMS

SABOTAGES: tuple[Sabotage, ...] = (
    *SEALING,
    *SIGN_IN,
    Sabotage(
        name="decide-exclusion",
        control="somebody shut out of a subject opens nothing of it",
        file="casework/access/policy.py",
        find="    if facts.excluded is not False:\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py::test_nothing_opens",),
        core=True,
    ),
    Sabotage(
        name="decide-charter",
        control="no nominative exchange before the charter is signed",
        file="casework/access/policy.py",
        find="    if viewer.charter_signed is not True:\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py::test_nothing_opens",),
    ),
    Sabotage(
        name="decide-territory",
        control="a mandate opens its own territory only",
        file="casework/access/policy.py",
        find="    if viewer.territory_id is None or facts.territory_id != viewer.territory_id:\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py::test_nothing_opens",),
    ),
    Sabotage(
        name="decide-rules",
        control="no exchange without rules of the group in force",
        file="casework/access/policy.py",
        find="    if facts.data_class in EXCHANGE and facts.rules_in_force is not True and not control:\n",
        replace="    if False:\n",
        tests=("tests/access/test_t33_matrix.py",),
    ),
    Sabotage(
        name="wall-of-the-window",
        control="the window of a meeting opens identity and referral, not the review",
        file="casework/access/policy.py",
        find="        frozenset({_D.YOUTH_CARD, _D.YOUTH_IDENTITY, _D.YOUTH_REFERRAL}),\n",
        replace="        frozenset({_D.YOUTH_CARD, _D.YOUTH_IDENTITY, _D.YOUTH_REFERRAL, _D.YOUTH_REVIEW}),\n",
        tests=("tests/access/test_t33_matrix.py::test_each_grant_opens_its_own_rows",),
        core=True,
    ),
    Sabotage(
        name="list-equals-decide",
        control="lists ask the same question as details",
        file="casework/access/queryset.py",
        find="            door = ~ended & Q(pk__in=granted_subquery(grant_model, viewer, now, bases))\n",
        replace="            door = ~ended & Q(territory_id=viewer.territory_id)\n",
        tests=("tests/access/test_t35_lists.py",),
    ),
    Sabotage(
        name="grant-mac",
        control="a grant written by SQL opens nothing",
        file="casework/access/grants.py",
        find='    return grant._meta.get_field("mac").is_genuine(grant)\n',
        replace="    return True\n",
        tests=("tests/access/test_grants.py",),
        core=True,
    ),
    Sabotage(
        name="mandate-mac",
        control="a mandate written by SQL gives no viewer",
        file="casework/access/viewer.py",
        find="    if not mandate_is_genuine(mandate):\n",
        replace="    if False:\n",
        tests=("tests/attack/test_t36_forged_rows.py",),
    ),
    Sabotage(
        name="uniform-404",
        control="refusal looks like absence",
        file="casework/access/refusals.py",
        find='    return _page(request, "404.html", 404, {"no_function": no_function})\n',
        replace='    return _page(request, "404.html", 403, {"no_function": no_function})\n',
        tests=("tests/access/test_middleware.py::test_refused_and_absent_are_one_answer",),
        core=True,
    ),
    Sabotage(
        name="information-first",
        control="nothing becomes followed uninformed without a coded motive",
        file="casework/minors/followups/states.py",
        find='    if not context.changes.get("information_put_off", follow_up.information_put_off):\n',
        replace="    if False:\n",
        tests=("tests/followups/test_states.py",),
    ),
    Sabotage(
        name="age-limit",
        control="nobody is followed at 25 or over",
        file="casework/minors/followups/states.py",
        find="    if born is not None and age_on(born, localdate(context.now)) >= MAX_AGE:\n",
        replace="    if False:\n",
        tests=("tests/followups/test_age_limit.py",),
    ),
    Sabotage(
        name="route-policy",
        control="a view without a declared policy is absent",
        file="casework/access/middleware.py",
        find="        if policy is None:\n            return refusals",
        replace="        if policy is None:\n            return None\n            refusals",
        tests=("tests/access/test_middleware.py::test_a_route_without_policy_is_absent",),
    ),
    Sabotage(
        name="once-only",
        control="a form carried out twice is one act",
        file="casework/casefile/once.py",
        find="        with audit.before_write(lambda: _take(pending)):\n            returned = act()\n",
        replace="        returned = act()\n",
        tests=("tests/attack/test_r07_double_submit.py",),
        core=True,
    ),
    Sabotage(
        name="taken",
        control="what somebody wrote meanwhile is refused in words that quote no value",
        file="casework/audit/actions.py",
        find='        raise GuardRefused(TAKEN, code="taken") from None',
        replace="        raise",
        tests=("tests/audit/test_writing.py",),
    ),
    Sabotage(
        name="revision",
        control="nobody writes over a change that they have not seen",
        file="casework/casefile/revision.py",
        find="    if expected is not None and row.revision != expected:\n",
        replace="    if False:\n",
        tests=("tests/attack/test_r06_lost_update.py",),
        core=True,
    ),
    Sabotage(
        name="guards",
        control="a move whose condition is missing is refused",
        file="casework/casefile/lifecycle.py",
        find="            guard(row, context)\n        setattr(row, self.field, to)\n        if creating:\n",
        replace="            pass\n        setattr(row, self.field, to)\n        if creating:\n",
        tests=("tests/casefile/test_lifecycle.py",),
    ),
    Sabotage(
        name="role-ceiling-of-the-list",
        control="a grant never lifts the ceiling of a role in the list of situations",
        file="casework/access/queryset.py",
        find="        need = need_of(role, action, data_class)\n",
        replace="        need = need_of(role, action, data_class) or Need.GRANT\n",
        tests=("tests/attack/test_t35_situations.py",),
    ),
    Sabotage(
        name="miss-event",
        control="every refusal leaves one miss event",
        file="casework/access/refusals.py",
        find="    if actor is not None:\n        route",
        replace="    if actor is None:\n        route",
        tests=("tests/attack/test_t19_absent_and_refused_alike.py",),
    ),
    Sabotage(
        name="search-by-post",
        control="the term of a search never travels in an address",
        file="casework/minors/followups/views/situations.py",
        find='@require_http_methods(["POST"])\ndef search',
        replace='@require_http_methods(["GET", "POST"])\ndef search',
        tests=("tests/attack/test_t17_search_leaves_nothing.py",),
    ),
    Sabotage(
        name="forged-rows-dropped",
        control="readers keep the genuine rows only",
        file="casework/partners/genuine.py",
        find="    return [row for row in rows if checked(row) is not None]\n",
        replace="    return list(rows)\n",
        tests=("tests/attack/test_t36_forged_rows.py",),
    ),
    Sabotage(
        name="forged-rows-told",
        control="a forged row is reported",
        file="casework/partners/genuine.py",
        find="    report_later(row)\n    return None\n",
        replace="    return None\n",
        tests=("tests/attack/test_t36_forged_rows.py::test_rules_changed_by_sql_are_not_in_force",),
    ),
    Sabotage(
        name="left-to-nobody",
        control="what somebody held when they left goes to the seat of the service",
        file="casework/partners/actions/mandates.py",
        find="        if at <= now and (taker := _seat_of(mandate, now)) is not None:\n",
        replace="        if False and (taker := _seat_of(mandate, now)) is not None:\n",
        tests=(
            "tests/attack/test_t46_nothing_orphaned.py"
            "::test_who_leaves_without_a_word_leaves_it_to_the_seat_of_the_service",
        ),
    ),
    Sabotage(
        name="start-on-a-doubt",
        control="a production server does not start on a doubt",
        file="config/checks.py",
        find="        raise ImproperlyConfigured(",
        replace="        str(",
        tests=("tests/consistency/test_production.py::test_the_server_does_not_start_on_a_doubt",),
    ),
    Sabotage(
        name="content-policy",
        control="every answer carries the content policy",
        file="casework/desk/middleware.py",
        find='            "Content-Security-Policy": content_policy(),\n',
        replace="",
        tests=("tests/desk/test_headers.py::test_every_answer_carries_the_headers",),
    ),
    *ACCESS,
    *JOURNAL,
    *PHONES,
    *REPARATIONS,
    *VICTIMS,
    *RETURNS,
    *QUARTERS,
    *FIGURES,
    *DISCLOSURE,
    *SUPPORTS,
    *PROOF,
    *EACH,
    *MEASURES,
    *PLACEMENTS,
    *HOSTS,
)
