"""By which headings order systems call our fields, and our states, in the languages that exports come in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
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
        "vbeln", "aubel", "bstnk", "bstkd", "ebeln", "purchaseorder", "ponumber", "pono", "orderref",
        "orderreference", "bestellnr", "auftragsid", "uzsakymonr", "uzsakymonumeris", "pasutijumanr",
        "pasutijumanumurs", "tellimusenr", "tellimusenumber", "numarcomanda", "nrcomanda", "comanda", "brojnarudzbe",
        "narudzba", "номернапоръчка", "поръчка", "מספרהזמנה", "הזמנה", "رقمالطلب", "الطلب", "伝票番号", "受注no", "注文no",
        "单号",
    ),
    "date": (
        "orderdate", "ordereddate", "orderedon", "orddt", "invoicedate", "date", "documentdate", "createdat", "created",
        "datum", "auftragsdatum", "bestelldatum", "belegdatum", "rechnungsdatum", "datecommande", "datedecommande",
        "datefacture", "fecha", "fechapedido", "fechafactura", "data", "dataordine", "datapedido", "orderdatum",
        "besteldatum", "datazamowienia", "datumobjednavky", "дата", "датазаказа", "受注日", "注文日", "日付", "日期", "订单日期",
        "ημερομηνια", "주문일", "주문일자", "날짜", "tarih", "siparistarihi", "dato", "ordredato", "orderdag", "tilauspaiva", "paivays",
        "servicedate", "dateofservice", "day", "tag", "timestamp", "datetime",
        "audat", "erdat", "fkdat", "bstdk", "bestelldatum", "kuupaev", "datums", "datacomenzii", "datumnarudzbe",
        "תאריך", "التاريخ", "تاريخ", "תאריךהזמנה", "伝票日付", "下单日期", "下单时间", "주문날짜",
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
        "kunnr", "kunag", "kunrg", "lifnr", "auftraggeber", "debitor", "debitornr", "debitorennummer", "klientas",
        "klients", "klientokodas", "kliendikood", "kupac", "sifrakupca", "codclient", "клиентскиномер", "לקוח",
        "מספרלקוח", "العميل", "رقمالعميل", "得意先", "顧客番号", "顧客", "客户", "客户编码", "고객코드",
    ),
    "partner_name": (
        "referrername", "partnername", "customername", "clientname", "agentname", "dealername", "companyname", "company",
        "zuweisername", "kundenname", "firma", "nomclient", "nombrecliente", "nomecliente", "klantnaam", "name",
        "name1", "customerfullname", "practicename", "klantnaam", "nazwaklienta", "numeclient", "得意先名", "顧客名",
        "客户名称", "고객명",
    ),
    "product_code": (
        "productcode", "productid", "itemcode", "itemno", "itemnumber", "item", "sku", "stockcode", "servicecode", "cpt",
        "artikelnummer", "artikelnr", "artikel", "leistung", "leistungsnr", "materialnummer", "material", "codearticle",
        "article", "reference", "codigoproducto", "codigo", "codicearticolo", "articolo", "artikelcode", "indeks", "product",
        "produkt", "артикул", "商品コード", "商品编号",
        "matnr", "upmat", "品番", "物料编码", "상품코드",
    ),
    "product_name": (
        "productname", "itemname", "description", "servicename", "bezeichnung", "artikelbezeichnung", "beschreibung",
        "designation", "libelle", "descripcion", "descrizione", "omschrijving", "nazwa", "наименование", "商品名", "商品名称",
        "arktx", "maktx", "prekespavadinimas", "品名", "物料名称", "상품명",
    ),
    "quantity": (
        "quantity", "qty", "units", "count", "menge", "anzahl", "stueck", "stück", "quantite", "qte", "cantidad", "quantita",
        "quantidade", "aantal", "ilosc", "mnozstvi", "количество", "数量", "ποσοτητα", "수량", "adet", "miktar", "antal", "maara",
        "kwmeng", "fkimg", "kiekis", "daudzums", "kogus", "cantitate", "kolicina", "mennyiseg",
        "כמות", "الكمية", "数",
    ),
    "unit_price": (
        "unitprice", "price", "itemprice", "preis", "einzelpreis", "stueckpreis", "stückpreis", "prix", "prixunitaire",
        "precio", "preciounitario", "prezzo", "prezzounitario", "preco", "precounitario", "prijs", "stuksprijs", "cena",
        "cenajednostkowa", "цена", "単価", "单价",
        "netpr", "kbetr", "kaina", "cenasvienibu", "hind", "pret", "egysegar", "מחיר", "السعر", "단가",
    ),
    "amount": (
        "amount", "lineamount", "linetotal", "netamount", "total", "totalprice", "ordertotal", "revenue", "net", "value",
        "betrag", "nettobetrag", "umsatz", "gesamtpreis", "gesamtbetrag", "summe", "netto", "wert", "montant", "montantht",
        "importe", "monto", "importo", "valor", "bedrag", "kwota", "wartosc", "castka", "сумма", "金額", "金额",
        "montantttc", "montanttotal", "totalttc", "totalht", "ποσο", "συνολο", "αξια", "금액", "합계", "tutar", "toplam", "belop", "belob",
        "summa", "osszeg", "sum",
        "netwr", "dmbtr", "wrbtr", "summaeur", "kopsumma", "summakokku", "suma", "valoare", "iznos",
        "ukupno", "ertek", "סכום", "المبلغ", "المجموع", "売上金額", "合計金額", "总额", "총액",
    ),
    "currency": (
        "currency", "currencycode", "curr", "cur", "waehrung", "währung", "devise", "monnaie", "moneda", "divisa", "valuta",
        "moeda", "waluta", "mena", "валюта", "通貨", "币种",
        "νομισμα", "통화", "parabirimi", "valuutta", "penznem",
        "waerk", "waers", "valiuta", "valuta", "moneda", "מטבע", "العملة",
    ),
    "state": (
        "state", "status", "orderstatus", "orderstate", "lifecyclestatus", "stand", "zustand", "auftragsstatus", "statut",
        "etat", "estado", "stato", "stav", "статус", "状態", "状态",
        "gbstk", "lfstk", "busena", "statuss", "olek", "stare", "allapot", "סטטוס", "الحالة", "受注状態", "订单状态", "상태",
    ),
}  # fmt: skip

#: Words for our states, whole words only: abbreviations are asked about.
STATES: Final[dict[str, tuple[str, ...]]] = {
    "received": (
        "received", "open", "new", "pending", "ordered", "submitted", "offen", "neu", "eingegangen", "bestellt", "ouvert",
        "ouverte", "nouveau", "en attente", "abierto", "pendiente", "nuevo", "aperto", "in attesa", "nuovo", "aberto",
        "pendente", "ontvangen", "nieuw", "otwarte", "nowe", "nová", "новый", "открыт",
        "mottagen", "mottatt", "modtaget", "ny", "åben", "åpen", "öppen", "uusi", "avoin", "beklemede",
        "yeni", "açık", "új", "nyitott", "nou", "deschis", "novo", "nová objednávka", "gauta", "naujas", "saņemts",
        "uus", "отворена", "нова", "ανοιχτή", "νέα", "新規", "受付", "受注", "待处理", "新建", "已下单", "待付款", "접수", "신규", "대기",
        "חדש", "جديد",
    ),
    "scheduled": (
        "scheduled", "planned", "confirmed", "in progress", "processing", "geplant", "terminiert", "bestätigt", "in arbeit",
        "planifié", "planifiée", "confirmé", "confirmée", "en cours", "programado", "confirmado", "programmato",
        "confermato", "agendado", "gepland", "bevestigd", "zaplanowane", "potwierdzone", "plánováno", "запланирован",
        "planlagt", "planlagd", "bekräftad", "bekreftet", "bekræftet", "suunniteltu", "vahvistettu", "onaylandı",
        "planlandı", "tervezett", "visszaigazolt", "programat", "confirmat", "planirano", "potvrđeno", "potvrzeno",
        "suplanuota", "patvirtinta", "plānots", "apstiprināts", "kinnitatud", "потвърдена", "προγραμματισμένη",
        "επιβεβαιωμένη", "予定", "確認済", "処理中", "已确认", "处理中", "已安排", "예정", "확인", "처리중", "מתוכנן", "مؤكد",
    ),
    "completed": (
        "completed", "complete", "done", "delivered", "shipped", "paid", "closed", "invoiced", "fulfilled", "erledigt",
        "abgeschlossen", "geliefert", "bezahlt", "fertig", "terminé", "terminée", "livré", "livrée", "payé", "payée",
        "facturé", "completado", "entregado", "pagado", "completato", "consegnato", "pagato", "concluído", "entregue", "pago",
        "voltooid", "geleverd", "betaald", "zakończone", "dostarczone", "dokončeno", "выполнен", "завершён", "доставлен",
        "levererad", "betald", "klar", "slutförd", "levert", "betalt", "fullført", "leveret", "afsluttet", "færdig",
        "toimitettu", "maksettu", "valmis", "tamamlandı", "teslim edildi", "ödendi", "teljesítve", "kiszállítva",
        "fizetve", "finalizat", "livrat", "plătit", "isporučeno", "završeno", "plaćeno", "dodáno", "zaplaceno",
        "doručeno", "įvykdyta", "pristatyta", "apmokėta", "pabeigts", "piegādāts", "apmaksāts", "lõpetatud",
        "tarnitud", "makstud", "изпълнена", "доставена", "платена", "ολοκληρώθηκε", "ολοκληρωμένη", "παραδόθηκε",
        "完了", "出荷済", "納品済", "已完成", "已发货", "已交付", "已付款", "完成", "완료", "배송완료", "הושלם", "נמסר", "مكتمل", "تم التسليم",
    ),
    "cancelled": (
        "cancelled", "canceled", "voided", "void", "storniert", "storno", "abgesagt", "annulliert", "annulé", "annulée",
        "cancelado", "cancelada", "anulado", "annullato", "geannuleerd", "anulowane", "zrušeno", "отменён", "отменен",
        "annullerad", "avbruten", "makulerad", "kansellert", "annulleret", "annullert", "peruttu", "peruutettu",
        "iptal", "iptal edildi", "törölve", "sztornó", "anulat", "anulată", "otkazano", "stornirano", "stornováno",
        "atšaukta", "atcelts", "tühistatud", "отказана", "анулирана", "ακυρώθηκε", "ακυρωμένη", "取消", "已取消", "キャンセル",
        "取消済", "中止", "취소", "취소됨", "בוטל", "מבוטל", "ملغي", "ملغى",
    ),
}  # fmt: skip


def state_of(word: str) -> str:
    """Return the state that a word means, "" when it is in no list."""
    key = plain(word).casefold().strip()
    return next((state for state, words in STATES.items() if key in words), "")


def _key(heading: str, *, plainly: bool = False) -> str:
    return _NOT_LETTERS.sub("", _without_accents(plain(heading).casefold(), kept="" if plainly else "äöü"))


def _without_accents(text: str, *, kept: str) -> str:
    """Return a text without marks above and below its letters; some stay: `Stück` is no `Stuck`."""
    signs = (sign if sign in kept else unicodedata.normalize("NFD", sign) for sign in text)
    plainly = "".join(sign for sign in "".join(signs) if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", plainly.translate(_STROKES))


_STROKES: Final = str.maketrans("łøđıæ", "lodia")


def likely_fields(
    headings: Sequence[str], more: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> dict[str, list[int]]:
    """Return by field the columns whose headings name it, the surest first; `more` has further names of fields."""
    keys = [(_key(heading), _key(heading, plainly=True)) for heading in headings]
    found: dict[str, list[int]] = {}
    for field, words in HEADINGS.items():
        known = [_key(word) for word in (*words, *more.get(field, ()))]
        places = [
            (known.index(key), place)
            for place, both in enumerate(keys)
            for key in [_known_of(both, known)]
            if key
        ]
        if places:
            found[field] = [place for _, place in sorted(places)]
    return found


def _known_of(keys: tuple[str, str], known: Sequence[str]) -> str:
    """Return the form of a heading that is known, "" for none: as written, and without the marks of German letters."""
    return next((key for key in keys if key in known), "")


_BETWEEN: Final = re.compile(r"[;,\t|\r\n\"]+")


def known_words(text: str) -> list[str]:
    """Return the headings and states in a text that are known here and have letters beyond ASCII."""
    cells = dict.fromkeys(cell.strip() for cell in _BETWEEN.split(text) if not cell.isascii())
    return [cell for cell in cells if (key := _key(cell)) and (key in _ALL_KEYS or state_of(cell))]


_ALL_KEYS: Final = frozenset(_key(word) for words in HEADINGS.values() for word in words)
