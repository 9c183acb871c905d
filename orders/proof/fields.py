"""By which headings order systems call our fields, and our states, in the languages that exports come in."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from prm.core.words.unseen import plain

_NOT_LETTERS: Final = re.compile(r"[\W_]+")

#: Headings by field, without blanks and marks, in small letters; the surest first.
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "ordernumber", "orderno", "ordernr", "orderid", "order", "invoiceno", "invoicenumber", "invoice", "salesorder",
        "salesorderid", "documentnumber", "documentno", "docno", "belegnummer", "belegnr", "beleg", "auftragsnummer",
        "auftragsnr", "auftrnr", "auftrag", "bestellnummer", "bestellnr", "bestellung", "rechnungsnummer", "rechnungsnr",
        "vorgang", "commande", "numerocommande", "nocommande", "numcommande", "facture", "numerofacture", "pedido",
        "numeropedido", "nopedido", "factura", "ordine", "numeroordine", "fattura", "bestelnummer", "ordernummer",
        "zamowienie", "nrzamowienia", "numerzamowienia", "objednavka", "cisloobjednavky", "номерзаказа", "заказ", "受注番号",
        "注文番号", "订单号", "订单编号", "accession", "accessionnumber", "claimnumber", "policynumber", "policyno", "casenumber",
        "ncommande", "numerodecommande", "numero", "numeroordem", "documento", "siparisno", "siparisnumarasi", "ordrenummer",
        "ordrenr", "ordernummer", "tilausnumero", "rendelesszam", "αριθμοσπαραγγελιασ", "παραγγελια", "αριθμοσ", "주문번호", "订单",
        "no", "nr", "id",
    ),
    "date": (
        "orderdate", "ordereddate", "orderedon", "orddt", "invoicedate", "date", "documentdate", "createdat", "created",
        "datum", "auftragsdatum", "bestelldatum", "belegdatum", "rechnungsdatum", "datecommande", "datedecommande",
        "datefacture", "fecha", "fechapedido", "fechafactura", "data", "dataordine", "datapedido", "orderdatum",
        "besteldatum", "datazamowienia", "datumobjednavky", "дата", "датазаказа", "受注日", "注文日", "日付", "日期", "订单日期",
        "ημερομηνια", "주문일", "주문일자", "날짜", "tarih", "siparistarihi", "dato", "ordredato", "orderdag", "tilauspaiva", "paivays",
        "servicedate", "dateofservice", "day", "tag", "timestamp", "datetime",
    ),
    "code": (
        "referralcode", "referrercode", "referringprovider", "referringnpi", "npi", "referrerid", "referringid", "referrer",
        "partnercode", "partnerid", "partner", "customerid", "customernumber", "customerno", "customer", "clientid",
        "client", "agentnumber", "agentno", "agentid", "agent", "dealernumber", "dealerno", "dealer", "accountnumber",
        "account", "zuweiser", "zuweisernr", "zuweisernummer", "zuwnr", "einsender", "einsendernr", "kundennummer",
        "kundennr", "kunde", "vermittler", "vermittlernr", "vertreter", "numeroclient", "codeclient", "cliente",
        "codigocliente", "idcliente", "codicecliente", "klantnummer", "klant", "kontrahent", "nrklienta", "klient", "zakaznik",
        "πελατησ", "고객", "고객번호", "musteri", "musterino", "kundenr", "asiakas", "clientcode", "customercode",
        "клиент", "кодклиента", "得意先コード", "顧客コード", "客户编号", "客户代码", "partnercompany",
    ),
    "partner_name": (
        "referrername", "partnername", "customername", "clientname", "agentname", "dealername", "companyname", "company",
        "zuweisername", "kundenname", "firma", "nomclient", "nombrecliente", "nomecliente", "klantnaam", "name",
    ),
    "product_code": (
        "productcode", "productid", "itemcode", "itemno", "itemnumber", "item", "sku", "stockcode", "servicecode", "cpt",
        "artikelnummer", "artikelnr", "artikel", "leistung", "leistungsnr", "materialnummer", "material", "codearticle",
        "article", "reference", "codigoproducto", "codigo", "codicearticolo", "articolo", "artikelcode", "indeks", "product",
        "produkt", "артикул", "商品コード", "商品编号",
    ),
    "product_name": (
        "productname", "itemname", "description", "servicename", "bezeichnung", "artikelbezeichnung", "beschreibung",
        "designation", "libelle", "descripcion", "descrizione", "omschrijving", "nazwa", "наименование", "商品名", "商品名称",
    ),
    "quantity": (
        "quantity", "qty", "units", "count", "menge", "anzahl", "stueck", "stück", "quantite", "qte", "cantidad", "quantita",
        "quantidade", "aantal", "ilosc", "mnozstvi", "количество", "数量", "ποσοτητα", "수량", "adet", "miktar", "antal", "maara",
    ),
    "unit_price": (
        "unitprice", "price", "itemprice", "preis", "einzelpreis", "stueckpreis", "stückpreis", "prix", "prixunitaire",
        "precio", "preciounitario", "prezzo", "prezzounitario", "preco", "precounitario", "prijs", "stuksprijs", "cena",
        "cenajednostkowa", "цена", "単価", "单价",
    ),
    "amount": (
        "amount", "lineamount", "linetotal", "netamount", "total", "totalprice", "ordertotal", "revenue", "net", "value",
        "betrag", "nettobetrag", "umsatz", "gesamtpreis", "gesamtbetrag", "summe", "netto", "wert", "montant", "montantht",
        "importe", "monto", "importo", "valor", "bedrag", "kwota", "wartosc", "castka", "сумма", "金額", "金额",
        "montantttc", "montanttotal", "totalttc", "totalht", "ποσο", "συνολο", "αξια", "금액", "합계", "tutar", "toplam", "belop", "belob",
        "summa", "osszeg", "sum",
    ),
    "currency": (
        "currency", "currencycode", "curr", "cur", "waehrung", "währung", "devise", "monnaie", "moneda", "divisa", "valuta",
        "moeda", "waluta", "mena", "валюта", "通貨", "币种",
        "νομισμα", "통화", "parabirimi", "valuutta", "penznem",
    ),
    "state": (
        "state", "status", "orderstatus", "orderstate", "lifecyclestatus", "stand", "zustand", "auftragsstatus", "statut",
        "etat", "estado", "stato", "stav", "статус", "状態", "状态",
    ),
}  # fmt: skip

#: Words for our states, whole words only: abbreviations are asked about.
STATES: Final[dict[str, tuple[str, ...]]] = {
    "received": (
        "received", "open", "new", "pending", "ordered", "submitted", "offen", "neu", "eingegangen", "bestellt", "ouvert",
        "ouverte", "nouveau", "en attente", "abierto", "pendiente", "nuevo", "aperto", "in attesa", "nuovo", "aberto",
        "pendente", "ontvangen", "nieuw", "otwarte", "nowe", "nová", "новый", "открыт",
    ),
    "scheduled": (
        "scheduled", "planned", "confirmed", "in progress", "processing", "geplant", "terminiert", "bestätigt", "in arbeit",
        "planifié", "planifiée", "confirmé", "confirmée", "en cours", "programado", "confirmado", "programmato",
        "confermato", "agendado", "gepland", "bevestigd", "zaplanowane", "potwierdzone", "plánováno", "запланирован",
    ),
    "completed": (
        "completed", "complete", "done", "delivered", "shipped", "paid", "closed", "invoiced", "fulfilled", "erledigt",
        "abgeschlossen", "geliefert", "bezahlt", "fertig", "terminé", "terminée", "livré", "livrée", "payé", "payée",
        "facturé", "completado", "entregado", "pagado", "completato", "consegnato", "pagato", "concluído", "entregue", "pago",
        "voltooid", "geleverd", "betaald", "zakończone", "dostarczone", "dokončeno", "выполнен", "завершён", "доставлен",
    ),
    "cancelled": (
        "cancelled", "canceled", "voided", "void", "storniert", "storno", "abgesagt", "annulliert", "annulé", "annulée",
        "cancelado", "cancelada", "anulado", "annullato", "geannuleerd", "anulowane", "zrušeno", "отменён", "отменен",
    ),
}  # fmt: skip


def state_of(word: str) -> str:
    """Return the state that a word means, "" when it is in no list."""
    key = plain(word).casefold().strip()
    return next((state for state, words in STATES.items() if key in words), "")


def _key(heading: str) -> str:
    return _NOT_LETTERS.sub("", _without_accents(plain(heading).casefold()))


def _without_accents(text: str) -> str:
    """Return a text without marks above and below its letters; those of German stay: `Stück` is no `Stuck`."""
    kept = (sign if sign in "äöü" else unicodedata.normalize("NFD", sign) for sign in text)
    plainly = "".join(sign for sign in "".join(kept) if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", plainly.translate(_STROKES))


_STROKES: Final = str.maketrans("łøđıæ", "lodia")


def likely_fields(headings: Sequence[str]) -> dict[str, list[int]]:
    """Return by field the columns whose headings name it, the surest first."""
    keys = [_key(heading) for heading in headings]
    found: dict[str, list[int]] = {}
    for field, words in HEADINGS.items():
        known = [_key(word) for word in words]
        places = [(known.index(key), place) for place, key in enumerate(keys) if key in known]
        if places:
            found[field] = [place for _, place in sorted(places)]
    return found
