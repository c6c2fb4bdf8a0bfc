"""The good-faith estimate as a paper, in English or Spanish. Content: 45 CFR 149.610(c); the words are our own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.documents import patient_paper as paper
from claimwright.documents.statement import amount_text, date_text, short_date

# key: (English, Spanish). A `{name}` is filled by the renderer.
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Good-faith estimate", "Estimación de buena fe"),
    "patient": ("Patient", "Paciente"),
    "born": ("Date of birth", "Fecha de nacimiento"),
    "service": ("What you come for", "Motivo"),
    "on": ("Date of the service", "Fecha del servicio"),
    "not_scheduled": ("Not scheduled yet", "Sin fecha todavía"),
    "recurs": ("Repeated until", "Se repite hasta"),
    "diagnoses": ("Diagnosis codes", "Códigos de diagnóstico"),
    "version": ("Version", "Versión"),
    "replaces": ("{version}, replaces the one of {day}", "{version}, reemplaza la del {day}"),
    "expected": ("Expected total", "Total esperado"),
    "intro": (
        "This is what we expect your care to cost, as far as we know today. It is for people who have no insurance or "
        "who choose not to use it. It is not a bill.",
        "Esto es lo que esperamos que cueste su atención, según lo que sabemos hoy. Es para personas sin seguro o que "
        "prefieren no usarlo. No es una factura.",
    ),
    "ours": ("Expected charges of {provider}", "Cargos esperados de {provider}"),
    "identity": ("NPI {npi} · TIN {tax_id}{place}", "NPI {npi} · TIN {tax_id}{place}"),
    "code": ("Code", "Código"),
    "what": ("Service", "Servicio"),
    "diagnosis": ("Diagnosis", "Diagnóstico"),
    "units": ("Units", "Unidades"),
    "charge": ("Expected charge", "Cargo esperado"),
    "total": ("Total", "Total"),
    "others": ("Scheduled apart", "Se programan por separado"),
    "others_means": (
        "These may be needed too. They are scheduled apart and are not in the total. A separate estimate comes when "
        "they are scheduled or when you ask for it; its details, such as codes and charges, will stand there.",
        "También pueden ser necesarios. Se programan por separado y no están en el total. Recibirá otra estimación al "
        "programarlos o cuando la pida; allí figurarán los detalles, como códigos y cargos.",
    ),
    "know": ("What you should know", "Lo que debe saber"),
    "only": (
        "Other services may be recommended in the course of your care. They are scheduled or asked for apart and are "
        "not in this estimate.",
        "Durante su atención pueden recomendarse otros servicios. Se programan o piden por separado y no están en esta "
        "estimación.",
    ),
    "may_differ": (
        "This is an estimate only. What is really given or charged may differ, for example if something unforeseen "
        "is needed.",
        "Esto es solo una estimación. Lo que en verdad se haga o se cobre puede ser distinto, por ejemplo si surge algo "
        "imprevisto.",
    ),
    "no_contract": (
        "This is no contract. You do not have to take the services from the providers named here.",
        "No es un contrato. No está obligado a recibir los servicios de los proveedores aquí nombrados.",
    ),
    "right": ("If your bill is higher", "Si su factura es más alta"),
    "dispute": (
        "If a provider or facility bills you {amount} or more above its total here, you have the right to dispute the "
        "bill. Call us first if you like: you may ask us to lower the bill to the estimate, to negotiate, or whether "
        "financial help is available.",
        "Si un proveedor o centro le cobra {amount} o más por encima de su total aquí, tiene derecho a disputar la "
        "factura. Si quiere, llámenos primero: puede pedir que la factura baje a lo estimado, negociarla, o preguntar si "
        "hay ayuda económica.",
    ),
    "process": (
        "You may also start a dispute with the U.S. Department of Health and Human Services (HHS) within {days} "
        "calendar days (about 4 months) of the date of the first bill. A small fee is asked for; it is taken off your "
        "bill if you win. If the reviewer agrees with you, you pay the price of this estimate. Starting a dispute does "
        "not lower the quality of your care, and we do not send the bill to collections meanwhile.",
        "También puede iniciar una disputa ante el Departamento de Salud y Servicios Humanos (HHS) de EE. UU. dentro de "
        "{days} días calendario (unos 4 meses) desde la fecha de la primera factura. Se pide una tarifa pequeña; se "
        "descuenta de su factura si gana. Si el revisor le da la razón, paga el precio de esta estimación. Iniciar una "
        "disputa no afecta la calidad de su atención, y mientras tanto no enviamos la factura a cobranza.",
    ),
    "more": (
        "To learn more or to get a form, see www.cms.gov/nosurprises or call 1-800-985-3059. Keep this estimate, or a "
        "picture of it: you may need it.",
        "Para saber más u obtener un formulario, vea www.cms.gov/nosurprises o llame al 1-800-985-3059. Guarde esta "
        "estimación, o una foto de ella: puede necesitarla.",
    ),
}


class EstimateLine(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    description: str
    diagnosis_codes: tuple[str, ...] = ()
    units: str = "1"
    charge: Decimal


class EstimateProvider(msgspec.Struct, frozen=True, kw_only=True):
    """One provider or facility with what it is expected to charge."""

    name: str
    npi: str
    tax_id: str
    place: str = ""
    lines: tuple[EstimateLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.charge for line in self.lines), ZERO)


class EstimateDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that the estimate says. The first provider convenes. `replaces_issued_on` is the day of the version before."""

    letterhead: paper.Letterhead
    number: str
    version: int = 1
    replaces_issued_on: date | None = None
    issued_on: date
    language: str
    patient_name: str
    birth_date: date
    primary_service: str
    service_on: date | None
    recurs_until: date | None = None
    diagnosis_codes: tuple[str, ...] = ()
    providers: tuple[EstimateProvider, ...]
    others: tuple[str, ...] = ()
    total: Decimal
    dispute_amount: Decimal
    dispute_days: int


class EstimateDoesNotAdd(ValueError):
    """The total is not the sum of the providers. It must not be given to the patient."""


def render_estimate(estimate: EstimateDocument) -> bytes:
    """The estimate as PDF. Raises EstimateDoesNotAdd, and ValueError for a language without words."""
    if estimate.total != sum((one.total for one in estimate.providers), ZERO):
        raise EstimateDoesNotAdd("the total is not the sum of the providers' charges")
    place = 1 if estimate.language == "es" else 0
    words = {key: pair[place] for key, pair in WORDS.items()}
    blocks: list[paper.Block] = [_facts(estimate, words), paper.paragraph(words["intro"])]
    for provider in estimate.providers:
        blocks += _provider(provider, words)
    if estimate.others:
        blocks += [
            paper.heading(words["others"]), paper.paragraph(words["others_means"]), paper.bullets(estimate.others)
        ]  # fmt: skip
    blocks += [
        paper.heading(words["know"]),
        paper.bullets((words["only"], words["may_differ"], words["no_contract"])),
        paper.box(
            words["right"],
            (
                words["dispute"].format(amount=amount_text(estimate.dispute_amount).removesuffix(".00")),
                words["process"].format(days=estimate.dispute_days),
                words["more"],
            ),
        ),
    ]
    return paper.render_paper(
        letterhead=estimate.letterhead, title=words["title"], number=estimate.number, issued_on=estimate.issued_on,
        language=estimate.language, blocks=blocks,
    )  # fmt: skip


def _facts(estimate: EstimateDocument, words: dict[str, str]) -> paper.Block:
    language = estimate.language
    version = str(estimate.version)
    if estimate.replaces_issued_on is not None:
        version = words["replaces"].format(version=version, day=date_text(estimate.replaces_issued_on, language))
    on = date_text(estimate.service_on, language) if estimate.service_on else words["not_scheduled"]
    return paper.facts(
        (
            (words["patient"], estimate.patient_name),
            (words["born"], short_date(estimate.birth_date, language)),
            (words["service"], estimate.primary_service),
            (words["on"], on),
            (words["recurs"], date_text(estimate.recurs_until, language) if estimate.recurs_until else ""),
            (words["diagnoses"], ", ".join(estimate.diagnosis_codes)),
            (words["version"], version if estimate.version > 1 else ""),
            (words["expected"], amount_text(estimate.total)),
        )
    )


def _provider(provider: EstimateProvider, words: dict[str, str]) -> Sequence[paper.Block]:
    where = f" · {provider.place}" if provider.place else ""
    columns = (
        (words["code"], ""), (words["what"], "wide"), (words["diagnosis"], ""), (words["units"], "amount"),
        (words["charge"], "amount"),
    )  # fmt: skip
    rows = [
        (line.code, line.description, ", ".join(line.diagnosis_codes), line.units, amount_text(line.charge))
        for line in provider.lines
    ]
    return (
        paper.heading(words["ours"].format(provider=provider.name)),
        paper.paragraph(words["identity"].format(npi=provider.npi, tax_id=provider.tax_id, place=where)),
        paper.table(columns, rows, total=("", words["total"], "", "", amount_text(provider.total))),
    )
