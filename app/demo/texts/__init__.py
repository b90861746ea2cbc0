"""What people write to the demo desk, and what it answers."""

from app.demo.texts import general, immigration, tax, welfare

TOPICS = (
    immigration.RENEWAL,
    immigration.REUNION,
    immigration.CITIZENSHIP,
    immigration.AMNESTY,
    welfare.PENSIONS,
    welfare.UNEMPLOYMENT,
    welfare.MATERNITY,
    welfare.DISABILITY,
    tax.RETURN,
    tax.ISEE,
    tax.LOCAL,
    tax.INHERITANCE,
    tax.DISPUTES,
    general.QUESTIONS,
    general.COMPLAINTS,
)
"""Everything tickets are about."""
