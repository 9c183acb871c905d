"""App configuration of the partners app."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from prm.accounts.signals import invitation_accepted
from prm.core.registry import contributed, discover
from prm.tenancy.signals import sample_filling, tenant_created

if TYPE_CHECKING:
    from prm.accounts.models import Invitation, Membership


class PartnersConfig(AppConfig):
    """Collects what other apps add to scores, to the partner page and to merges, once all models are loaded."""

    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register every app's `score_components`, `partner_page` and `partner_tables`; a broken one stops the start."""
        from partners.bulk import actions  # noqa: PLC0415 - cycle of apps at start
        from partners.bulk import registry as bulk  # noqa: PLC0415 - cycle of apps at start
        from partners.merges import checks as merge_checks  # noqa: PLC0415 - cycle of apps at start
        from partners.merges import registry as merges  # noqa: PLC0415 - cycle of apps at start
        from partners.policy import components  # noqa: PLC0415 - cycle of apps at start
        from partners.policy.signals import policy_dating  # noqa: PLC0415 - cycle of apps at start
        from partners.profiles import columns, own, parts  # noqa: PLC0415 - cycle of apps at start
        from partners.reviews import registry as evidence  # noqa: PLC0415 - cycle of apps at start
        from partners.reviews.service import check_day  # noqa: PLC0415 - cycle of apps at start
        from partners.standing import checks, registry  # noqa: PLC0415 - cycle of apps at start

        assert checks
        assert merge_checks
        bulk.register(actions.ACTIONS)
        for module in discover("score_components", "COMPONENTS", "SOURCES"):
            registry.register(
                contributed(module, "COMPONENTS", registry.Component),
                contributed(module, "SOURCES", registry.ScoreSource),
            )
        components.announce({one.key: one.default_weight for one in registry.components()})
        policy_dating.connect(check_day, dispatch_uid="partners.decisions")
        for module in discover("partner_page", "PARTS"):
            parts.register(contributed(module, "PARTS", parts.PagePart))
        for module in discover("partner_tables", "PARTNER_TABLES"):
            merges.register(contributed(module, "PARTNER_TABLES", merges.PartnerTable))
        for module in discover("bulk_actions", "ACTIONS"):
            bulk.register(contributed(module, "ACTIONS", bulk.BulkAction))
        columns.add_source(own.list_columns)
        for module in discover("list_columns", "COLUMNS"):
            columns.register(contributed(module, "COLUMNS", columns.ListColumn))
        for module in discover("review_evidence", "EVIDENCE"):
            evidence.register(contributed(module, "EVIDENCE", evidence.EvidenceSource))
        post_migrate.connect(install_triggers, sender=self)
        tenant_created.connect(_make_defaults, dispatch_uid="partners.defaults")
        _hear_of_the_company()
        invitation_accepted.connect(_bind_to_partner, dispatch_uid="partners.portal")


def _hear_of_the_company() -> None:
    """Connect what follows from the company's settings, and from sample data that comes and goes."""
    from partners.basis import sample, service  # noqa: PLC0415 - cycle of apps at start
    from prm.company.sample.signals import sample_removed, sample_removing  # noqa: PLC0415 - cycle of apps at start
    from prm.company.settings.moves import follows  # noqa: PLC0415 - cycle of apps at start

    follows("partners.basis", effects=service.effects, follow=service.follow)
    sample_filling.connect(sample.refuse_beside_own, dispatch_uid="partners.sample")
    sample_removing.connect(sample.refuse_decided_by_sample, dispatch_uid="partners.sample")
    sample_removed.connect(sample.make_policy_whole, dispatch_uid="partners.sample")


def _bind_to_partner(invitation: "Invitation", member: "Membership", **_: object) -> None:
    from partners.portal.service import bind_to_partner  # noqa: PLC0415 - cycle of apps at start

    bind_to_partner(invitation, member)


def _make_defaults(**_: object) -> None:
    from partners.kinds.service import begin_kinds  # noqa: PLC0415 - cycle of apps at start
    from partners.policy.service import begin_policy  # noqa: PLC0415 - cycle of apps at start

    begin_kinds()
    begin_policy()


def install_triggers(using: str, **options: object) -> None:
    """Install the triggers that ask for new scores, and that send rows on, after `migrate`, in the owner's role."""
    from partners.merges import triggers as merges  # noqa: PLC0415 - cycle of apps at start
    from partners.standing import registry, triggers  # noqa: PLC0415 - cycle of apps at start

    triggers.install(connections[using], registry.sources())
    merges.install(connections[using])
