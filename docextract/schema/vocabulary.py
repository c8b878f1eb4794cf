"""What business documents call things, in eight languages, and guesses for plain schemas.

Knows nothing of any schema in particular: names go in, labels, kinds and roles come out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from docextract.schema.kinds import Kind, Labels, Role


class Concept(NamedTuple):
    """One thing documents say: its field names and the labels that announce it."""

    aliases: str
    labels: Labels


def _concept(aliases: str, **labels: str) -> Concept:
    split = {code: [p.strip() for p in text.split(",")] for code, text in labels.items()}
    return Concept(aliases, Labels(**split))


CONCEPTS: dict[str, Concept] = {
    "invoice_number": _concept(
        "invoice_number invoice_no invoice_id invoice_num bill_number inv_no",
        en="invoice number, invoice no, invoice no., invoice #, invoice id, inv no, inv #, tax invoice no, bill no, bill number, credit note no, credit note number, credit note, document number, document no, invoice",
        de="rechnungsnummer, rechnungs-nr, rechnungsnr, rechnung nr, rechnung-nr, rechnung nummer, re-nr, rg-nr, belegnummer, beleg-nr, belegnr, gutschriftsnummer, gutschrift nr, korrekturrechnung nr, rechnung",
        fr="numéro de facture, n° de facture, facture n°, n° facture, no facture, facture no, facture numéro, n° avoir, avoir n°, facture",
        es="número de factura, nº de factura, n.º de factura, factura nº, factura n.º, nº factura, factura número, factura no, factura",
        it="numero fattura, fattura n., fattura n°, n. fattura, fattura nr, nr. fattura, numero documento, fattura",
        nl="factuurnummer, factuur nr, factuurnr, factuur nummer, factuur",
        pt="número da fatura, fatura nº, fatura n.º, nº da fatura, fatura",
        sv="fakturanummer, fakturanr",
        da="fakturanr",
    ),
    "issue_date": _concept(
        "issue_date invoice_date date_issued bill_date document_date order_date po_date dated",
        en="invoice date, date of issue, issue date, issued on, issued, date issued, bill date, tax date, document date, order date, po date, date",
        de="rechnungsdatum, belegdatum, ausstellungsdatum, datum der rechnung, bestelldatum, rechnung vom, datum, vom",
        fr="date de facture, date de facturation, date d'émission, date de la facture, date de commande, date facture, émise le, en date du, date, le",
        es="fecha de factura, fecha de emisión, fecha factura, fecha emisión, fecha de expedición, fecha del pedido, fecha",
        it="data fattura, data emissione, data documento, data di emissione, data ordine, data",
        nl="factuurdatum, datum factuur, besteldatum, orderdatum, datum",
        pt="data da fatura, data de emissão, data emissão, data",
        ms="tarikh",
        sv="fakturadatum",
        da="fakturadato, dato",
    ),
    "due_date": _concept(
        "due_date payment_due date_due pay_by due",
        en="due date, payment due, payment due date, due on, due by, pay by, payable by, please pay by, amount due by, due",
        de="fälligkeitsdatum, fällig am, zahlbar bis, zahlungsziel, zahlbar bis zum, bitte zahlen bis, fälligkeit, fällig, zu zahlen bis",
        fr="date d'échéance, échéance, date échéance, à payer avant le, date limite de paiement, payable le",
        es="fecha de vencimiento, vencimiento, fecha vencimiento, fecha de vto, vence",
        it="data scadenza, scadenza, data di scadenza, scadenza pagamento",
        nl="vervaldatum, uiterste betaaldatum, te betalen voor, betalen voor",
        pt="data de vencimento, vencimento",
        sv="förfallodatum",
    ),
    "delivery_date": _concept(
        "delivery_date date_delivered supply_date service_date",
        en="delivery date, date of delivery, supply date, date of supply, service date, ship date, tax point, date shipped, shipped on",
        de="lieferdatum, leistungsdatum, liefer-/leistungsdatum, lieferung am, leistungszeitpunkt, datum der lieferung",
        fr="date de livraison, livraison le, date livraison",
        es="fecha de entrega, fecha entrega",
        it="data consegna, data di consegna",
        nl="leverdatum, leveringsdatum",
        pt="data de entrega",
    ),
    "requested_delivery_date": _concept(
        "requested_delivery_date deliver_by required_date",
        en="requested delivery date, delivery date, deliver by, required by, required date, ship by, expected delivery",
        de="gewünschtes lieferdatum, liefertermin, wunschtermin, lieferung bis",
        fr="date de livraison souhaitée, date de livraison demandée, livraison souhaitée, livraison demandée",
        es="fecha de entrega solicitada, fecha de entrega",
        it="data di consegna richiesta, consegna richiesta",
        nl="gewenste leverdatum",
    ),
    "currency": _concept(
        "currency currency_code",
        en="currency, invoice currency",
        de="währung",
        fr="devise, monnaie",
        es="moneda, divisa",
        it="valuta",
        nl="valuta, munt",
        pt="moeda",
    ),
    "purchase_order": _concept(
        "purchase_order po_number po order_number purchase_order_number order_no buyer_order_number",
        en="purchase order number, purchase order no, purchase order, po number, po no, p.o. number, p.o. no, your order, cust po, customer po, customer order, order number, order no, order reference, your reference, po #, po",
        de="bestellnummer, bestell-nr, bestellnr, bestellung nr, ihre bestellung, auftragsnummer des kunden, kundenauftrag, ihre referenz, bestellung",
        fr="numéro de commande, n° de commande, bon de commande, commande n°, référence commande, votre commande, n° commande, commande",
        es="número de pedido, nº de pedido, pedido nº, orden de compra, su pedido, n.º de pedido, pedido",
        it="numero ordine, ordine n., ordine d'acquisto, vs. ordine, n. ordine, ordine",
        nl="bestelnummer, inkooporder, ordernummer, uw bestelling, uw referentie",
        pt="número da encomenda, encomenda nº, pedido nº",
    ),
    "contract_number": _concept(
        "contract_number contract_no contract_id",
        en="contract number, contract no, contract #, contract id, contract, agreement no, order number, order no",
        de="vertragsnummer, vertrags-nr, vertrag",
        fr="numéro de contrat, n° de contrat, contrat n°",
        es="número de contrato, contrato nº",
        it="numero contratto",
        nl="contractnummer",
    ),
    "tax_point_date": _concept(
        "tax_point_date",
        en="tax point, tax point date",
        de="steuerdatum",
        fr="date d'exigibilité",
    ),
    "period_start": _concept(
        "billing_period_start",
        en="service period, billing period, period from, invoice period",
        de="leistungszeitraum, abrechnungszeitraum",
        fr="période de facturation, période du",
        es="período de facturación, periodo de facturación",
        it="periodo di fatturazione",
        nl="factuurperiode",
    ),
    "period_end": _concept(
        "billing_period_end",
        en="period to, period end",
        de="leistungszeitraum bis",
        fr="période au",
    ),
    "sales_order": _concept(
        "sales_order sales_order_number",
        en="sales order, sales order no, our order, our reference, our ref",
        de="auftragsnummer, auftrags-nr, auftragsnr, auftrag nr, unser auftrag, unser zeichen",
        fr="n° de commande vendeur, notre commande, notre référence",
        es="nuestro pedido, nuestra referencia",
        it="nostro ordine, ns. ordine",
        nl="onze referentie, opdrachtnummer",
    ),
    "project_reference": _concept(
        "project_reference project_ref project",
        en="project, project no, project reference, job no",
        de="projekt, projektnummer, projekt-nr, bauvorhaben",
        fr="projet, chantier",
        es="proyecto",
        it="progetto, commessa",
        nl="project, projectnummer",
    ),
    "buyer_reference": _concept(
        "buyer_reference",
        en="buyer reference, your ref, your reference",
        de="leitweg-id, leitweg id, ihr zeichen, käuferreferenz",
        fr="votre référence, référence acheteur, code service",
        es="su referencia",
        it="vostro riferimento, vs. riferimento",
        nl="uw kenmerk",
    ),
    "preceding_invoice": _concept(
        "preceding_invoice original_invoice",
        en="original invoice, preceding invoice, ref. invoice, invoice ref, credit for invoice, relates to invoice",
        de="ursprungsrechnung, zu rechnung, zur rechnung, bezug rechnung, ursprüngliche rechnung",
        fr="facture d'origine, facture initiale",
        es="factura rectificada, factura original",
        it="fattura di riferimento",
        nl="oorspronkelijke factuur",
    ),
    "mandate_id": _concept(
        "mandate_id",
        en="mandate id, mandate reference",
        de="mandatsreferenz, mandats-id",
        fr="référence de mandat, rum",
        es="referencia del mandato",
        it="riferimento mandato",
        nl="machtigingskenmerk",
    ),
    "customer_id": _concept(
        "customer_id customer_number customer_no client_id client_number",
        en="customer number, customer no, cust no, cust #, customer id, client number, client no, client id, customer code, account number, account no, customer ref",
        de="kundennummer, kunden-nr, kundennr, kd-nr, kunden nr, debitorennummer, debitor",
        fr="numéro client, n° client, code client, référence client, réf. client, client n°",
        es="número de cliente, nº cliente, código cliente, cliente nº, n.º de cliente",
        it="codice cliente, numero cliente, cod. cliente",
        nl="klantnummer, klantnr, debiteurnummer",
        pt="número de cliente, nº cliente",
    ),
    "tax_id": _concept(
        "tax_id vat_id vat_number tax_number vat tin ein gst_number abn vat_no uid trn",
        en="vat number, vat id, vat no, vat reg no, vat registration number, vat reg. no., tax id, tax identification number, fed id, federal id, gst no, gst reg no, gst id, abn, ein, vat, tin, tax no",
        de="ust-idnr, ust-id, ust.-id, ust-id-nr, umsatzsteuer-id, umsatzsteuer-identifikationsnummer, uid-nr, uid-nummer, uid, ust-idnr., ust. id-nr., mwst-nr, mwst-nummer, steuernummer, steuer-nr, st.-nr",
        fr="n° tva, tva intracommunautaire, numéro de tva, n° de tva, tva intra, n° tva intracom, n° tva intracommunautaire, id tva",
        es="nif, cif, nif/cif, nif-iva, n.i.f., c.i.f., nif iva",
        it="p. iva, partita iva, p.iva, p.i., cod. fisc., part. iva",
        nl="btw-nummer, btw-nr, btw nr, btw nummer, btw-id, btw",
        pt="nif, nipc, contribuinte",
        sv="momsreg.nr, momsnr",
        da="cvr-nr, cvr",
    ),
    "tax_number": _concept(
        "local_tax_number",
        en="tax number, tax no, tax reference",
        de="steuernummer, steuer-nr, steuernr, st.-nr, st-nr",
        fr="numéro fiscal",
        es="número fiscal",
        it="codice fiscale, cod. fisc",
        nl="fiscaal nummer",
    ),
    "contact": _concept(
        "contact contact_person contact_name",
        en="contact, contact person, attention, attn",
        de="ansprechpartner, ihr ansprechpartner, bearbeiter, sachbearbeiter",
        fr="contact, votre contact, interlocuteur",
        es="contacto",
        it="contatto, referente",
        nl="contactpersoon, contact",
    ),
    "merchant": _concept("merchant_shop", en="merchant, shop, store"),
    "registration_number": _concept(
        "registration_number company_number company_no registration_no",
        en="company registration no, company number, company no, registration number, reg no, co. reg. no",
        de="handelsregister, hrb, amtsgericht, registernummer",
        fr="siret, siren, rcs",
        es="registro mercantil",
        it="rea",
        nl="kvk, kvk-nummer, kvk nr",
        pt="crc",
    ),
    "line_total": _concept(
        "line_total lines_total sum_of_lines",
        en="total of items, sum of lines, items total, merchandise, merchandise total, subtotal, sub-total, line total",
        de="summe positionen, positionssumme, summe der positionen, warenwert, zwischensumme, gesamtbetrag der positionen",
        fr="total des lignes, total lignes, sous-total",
        es="total líneas, suma de líneas, subtotal",
        it="totale merce, totale righe",
        nl="totaal regels, subtotaal",
    ),
    "net": _concept(
        "net net_total net_amount subtotal sub_total amount_untaxed total_net tax_exclusive taxable_amount before_tax",
        en="net total, total net, net amount, total excl. vat, total excl vat, total excluding vat, total ex vat, total before tax, total excl. tax, subtotal excl. vat, total without vat, taxable amount, untaxed amount, taxable, total taxable amount, amount excl. vat, tax basis total, total taxable, sub total, subtotal, sub-total, net",
        de="nettobetrag, summe netto, gesamt netto, netto gesamt, netto summe, zwischensumme netto, nettosumme, gesamtbetrag netto, rechnungsbetrag netto, netto-betrag, gesamtnetto, total netto, summe (netto), warenwert netto, nettowert, zwischensumme, rechnungssumme ohne ust, gesamtbetrag ohne ust, summe ohne ust, netto",
        fr="total ht, montant ht, total h.t., sous-total ht, montant total ht, net ht, total hors taxes, total net ht, base ht, montant hors taxes, sous-total",
        es="base imponible, total sin iva, subtotal, importe neto, total neto, suma, base, total base imponible",
        it="imponibile, totale imponibile, totale netto, subtotale, importo netto, totale senza iva",
        nl="totaal excl. btw, totaal exclusief btw, subtotaal, netto totaal, totaal excl btw, nettobedrag, netto, bedrag excl. btw",
        pt="total sem iva, subtotal, base tributável, total ilíquido, valor líquido",
        sv="summa exkl. moms, netto",
        ms="jumlah kecil",
    ),
    "tax": _concept(
        "tax tax_total total_tax vat_amount tax_amount vat_total gst sales_tax",
        en="total vat, total tax, vat total, tax total, vat amount, tax amount, sales tax, total gst, gst amount, gst, vat, tax, incl. vat, vat incl, hst",
        de="summe mwst, summe ust, mwst gesamt, mehrwertsteuer, umsatzsteuer, steuerbetrag, mwst-betrag, mwst. betrag, ust-betrag, gesamt mwst, gesamtbetrag ust, summe umsatzsteuer, mwst, mwst., ust, ust., steuer, gesamtsteuer, zzgl. mwst, zzgl. ust",
        fr="total tva, montant tva, montant de la tva, total t.v.a., tva, taxes, total taxes, dont tva",
        es="total iva, cuota iva, importe iva, i.v.a., iva, cuota, impuestos, igic",
        it="totale iva, importo iva, imposta, totale imposta, iva, i.v.a.",
        nl="totaal btw, btw bedrag, btw-bedrag, btw",
        pt="total iva, iva, imposto",
        sv="moms, varav moms",
        da="moms",
        ms="cukai, gst",
    ),
    "gross": _concept(
        "gross total gross_total grand_total invoice_total total_amount amount_total total_gross gross_amount total_due total_price",
        en="grand total, invoice total, order total, total incl. vat, total incl vat, total including vat, total including tax, total incl. tax, total amount, gross total, total gross, gross amount, total with vat, total due, total payable, total inc vat, amount payable, credit total, total",
        de="gesamtbetrag, rechnungsbetrag, bruttobetrag, gesamtsumme, endbetrag, summe brutto, gesamt brutto, brutto gesamt, gesamtbetrag brutto, bruttosumme, rechnungssumme, gutschriftsbetrag, total brutto, gesamtbetrag inkl. mwst, gesamt, summe, brutto, total, rechnungsendbetrag",
        fr="total ttc, montant ttc, total t.t.c., montant total ttc, total toutes taxes comprises, net ttc, total général, montant total, total avec tva, total",
        es="total factura, importe total, total con iva, total a pagar, total iva incluido, total general, total",
        it="totale fattura, totale documento, totale complessivo, totale da pagare, totale ivato, totale",
        nl="totaal incl. btw, totaal inclusief btw, totaalbedrag, eindtotaal, totaal incl btw, factuurbedrag, bedrag incl. btw, te betalen, totaal",
        pt="total com iva, total da fatura, total a pagar, total geral, total",
        sv="att betala, summa att betala, totalt, summa",
        da="i alt, total",
        ms="jumlah besar, jumlah",
    ),
    "paid": _concept(
        "paid amount_paid prepaid deposit_paid prepayment down_payment",
        en="amount paid, paid to date, paid, deposit received, deposit paid, prepaid amount, prepaid, less deposit, less prepaid, advance payment, payments received, payment received, down payment, deposit",
        de="bereits gezahlt, bereits bezahlt, anzahlung, abzüglich anzahlung, vorauszahlung, geleistete anzahlung, erhaltene anzahlung, bezahlt, gezahlter betrag, gezahlt",
        fr="acompte, acompte versé, déjà payé, montant payé, acomptes, déjà réglé, payé",
        es="pagado, anticipo, importe pagado, a cuenta",
        it="acconto, pagato, già pagato",
        nl="reeds betaald, aanbetaling, betaald, voldaan",
        pt="pago, adiantamento",
    ),
    "amount_due": _concept(
        "amount_due balance_due due_amount outstanding balance_owed payable",
        en="amount due, balance due, total due, amount payable, outstanding balance, balance outstanding, amount due for payment, please pay, due payable amount, balance, total amount due, to pay",
        de="zahlbetrag, offener betrag, zu zahlen, zu zahlender betrag, fälliger betrag, restbetrag, noch zu zahlen, zahlungsbetrag, überweisungsbetrag",
        fr="net à payer, reste à payer, montant à payer, solde à payer, à payer, montant dû, reste dû, solde",
        es="importe pendiente, total a pagar, pendiente de pago, a pagar, saldo pendiente",
        it="importo da pagare, netto a pagare, saldo, totale da pagare, da pagare",
        nl="te betalen, openstaand bedrag, te voldoen, nog te betalen",
        pt="valor a pagar, total a pagar, em dívida",
    ),
    "discount": _concept(
        "discount discounts rebate total_discount allowances",
        en="discount, total discount, less discount, rebate, trade discount, allowance, allowances",
        de="rabatt, nachlass, abschlag, abschläge, gesamtrabatt, skonto",
        fr="remise, rabais, remises",
        es="descuento, dto.",
        it="sconto",
        nl="korting",
        pt="desconto",
        ms="diskaun",
    ),
    "charges": _concept(
        "charges shipping freight delivery_charge shipping_cost service_charge handling",
        en="shipping, shipping & handling, delivery charge, freight, postage, carriage, delivery, service charge, handling, surcharge, charges, total charges",
        de="versandkosten, versand, fracht, lieferkosten, porto, zuschlag, zuschläge, versandpauschale, frachtkosten",
        fr="frais de port, frais de livraison, port, frais de transport, transport, majoration, charges",
        es="gastos de envío, portes, transporte",
        it="spese di spedizione, spese di trasporto, trasporto",
        nl="verzendkosten, bezorgkosten",
        pt="portes, despesas de envio",
    ),
    "rounding": _concept(
        "rounding rounding_adjustment",
        en="rounding, rounding adjustment, round off, rounding adj",
        de="rundung, rundungsdifferenz",
        fr="arrondi",
        es="redondeo",
        it="arrotondamento",
        nl="afronding",
        ms="pelarasan, pelarasan penggenapan",
    ),
    "iban": _concept("iban", en="iban", de="iban", fr="iban"),
    "bic": _concept("bic swift", en="bic, swift, swift/bic, bic/swift, swift code"),
    "bank_name": _concept(
        "bank_name bank",
        en="bank name, bank",
        de="bank, bankverbindung, kreditinstitut",
        fr="banque, domiciliation",
        es="banco, entidad",
        it="banca",
        nl="bank",
    ),
    "payment_reference": _concept(
        "payment_reference reference remittance_reference",
        en="payment reference, payment ref, reference, remittance reference, ref",
        de="verwendungszweck, zahlungsreferenz, referenz",
        fr="référence de paiement, référence du paiement, référence",
        es="referencia de pago, referencia, concepto",
        it="causale, riferimento pagamento",
        nl="betalingskenmerk, kenmerk",
    ),
    "payment_terms": _concept(
        "terms payment_terms",
        en="payment terms, terms of payment, terms",
        de="zahlungsbedingungen, zahlungsbedingung, zahlung",
        fr="conditions de paiement, modalités de paiement, règlement",
        es="condiciones de pago, forma de pago",
        it="condizioni di pagamento, pagamento",
        nl="betalingsvoorwaarden, betalingstermijn",
    ),
    "seller": _concept(
        "seller vendor supplier merchant issuer payee from shop store_name supplier_name vendor_name seller_name merchant_name company",
        en="from, seller, vendor, supplier, sold by, issued by, bill from, remit to, supplier name, vendor name, seller name, payee",
        de="verkäufer, lieferant, rechnungssteller, absender, leistungserbringer, von",
        fr="vendeur, fournisseur, émetteur, émetteur de la facture, prestataire",
        es="vendedor, proveedor, emisor, datos del emisor",
        it="venditore, fornitore, mittente, cedente",
        nl="verkoper, leverancier, van",
        pt="fornecedor, vendedor",
    ),
    "buyer": _concept(
        "buyer customer client bill_to recipient buyer_name customer_name client_name receiver advertiser purchaser",
        en="bill to, billed to, invoice to, sold to, buyer, customer, client, invoice for, billing address, to, attention, purchaser, recipient, customer name, buyer name",
        de="käufer, kunde, rechnungsempfänger, rechnungsadresse, rechnung an, empfänger, auftraggeber, leistungsempfänger, an, rechnungsanschrift",
        fr="acheteur, client, facturé à, adresse de facturation, destinataire, adressé à, facturer à",
        es="cliente, comprador, facturar a, datos del cliente, destinatario, facturado a",
        it="cliente, acquirente, destinatario, spett.le, spettabile, cessionario, intestatario",
        nl="klant, koper, factuuradres, factuur aan, aan, debiteur",
        pt="cliente, comprador, faturar a, exmo.(s) sr.(s)",
    ),
    "ship_to": _concept(
        "ship_to delivery_address shipping_address deliver_to",
        en="ship to, deliver to, delivery address, shipping address, ship-to, delivered to",
        de="lieferadresse, lieferanschrift, lieferung an, warenempfänger",
        fr="adresse de livraison, livré à, livrer à, lieu de livraison",
        es="dirección de entrega, enviar a, entregar en",
        it="luogo di consegna, indirizzo di consegna, destinazione",
        nl="afleveradres, leveradres, bezorgadres",
    ),
    "address": _concept(
        "address street_address",
        en="address",
        de="adresse, anschrift",
        fr="adresse",
        es="dirección",
        it="indirizzo",
        nl="adres",
    ),
    "email": _concept("email e_mail mail", en="email, e-mail, mail", fr="courriel, mél"),
    "phone": _concept(
        "phone telephone tel mobile phone_number",
        en="phone, tel, telephone, mobile, call us, tel.",
        de="telefon, tel., fon",
        fr="téléphone, tél, tél.",
        es="teléfono, tfno",
        it="telefono",
        nl="telefoon",
    ),
    "website": _concept("website url web homepage", en="web, website, www, internet"),
    "receipt_number": _concept(
        "receipt_number receipt_no transaction_id ticket_number",
        en="receipt number, receipt no, receipt no., receipt #, check #, receipt, ticket #, ref #, transaction no, trans no, bill no, check no, ticket, invoice no, doc no, document no, slip no, cheque no, order no",
        de="bon-nr, bonnr, bon nr, beleg-nr, belegnr, beleg, rechnung nr, rechnungsnummer, quittung nr",
        fr="ticket n°, n° ticket, ticket, reçu n°",
        es="ticket nº, factura simplificada, nº ticket",
        it="documento n., scontrino n.",
        nl="bonnummer, bonnr, bon",
        ms="no resit",
    ),
    "receipt_date": _concept(
        "date receipt_date transaction_date purchase_date",
        en="date, transaction date, invoice date, date/time, date time, printed",
        de="datum, belegdatum, datum/uhrzeit",
        fr="date, le",
        es="fecha",
        it="data",
        nl="datum",
        pt="data",
        ms="tarikh",
        sv="datum",
        da="dato",
    ),
    "time": _concept(
        "time transaction_time",
        en="time",
        de="uhrzeit, zeit, uhr",
        fr="heure",
        es="hora",
        it="ora",
        nl="tijd",
        ms="masa",
    ),
    "receipt_total": _concept(
        "receipt_total",
        en="grand total, total incl. gst, total inclusive gst, total (incl. gst), total amount, total incl gst, total sales (inclusive of gst), total sales inclusive of gst, rounded total (rm), rounded total, total rounded, total due, amount due, balance due, total amt payable, total payable, net total, nett total, total rm, total (rm), total amt, total incl vat, total to pay, to pay, amount payable, total sales, nett, total",
        de="zu zahlen, gesamtbetrag, summe eur, gesamtsumme, rechnungsbetrag, endbetrag, zu bezahlen, summe, gesamt, total, betrag, total eur, brutto",
        fr="total ttc, net à payer, à payer, total à payer, montant dû, total, montant",
        es="total a pagar, importe total, total euros, total eur, total, importe",
        it="totale complessivo, totale euro, totale eur, importo pagato, totale",
        nl="te betalen, totaal, totaal eur",
        pt="total a pagar, total",
        ms="jumlah besar, jumlah",
        sv="att betala, totalt, summa",
        da="total, at betale, i alt",
    ),
    "cash_given": _concept(
        "cash_given cash tendered amount_tendered cash_received",
        en="cash, cash tendered, amount tendered, tendered, cash received, cash given, paid cash",
        de="bar, gegeben, gegeben bar, bar gegeben, bargeld, erhalten",
        fr="espèces, rendu sur, reçu",
        es="efectivo, entregado, entrega",
        it="contanti, contante",
        nl="contant, contant ontvangen",
        ms="tunai",
    ),
    "change": _concept(
        "change change_due",
        en="change, change due, cash change",
        de="rückgeld, zurück, wechselgeld, rückgabe",
        fr="rendu, monnaie, à rendre, rendu monnaie",
        es="cambio, devolución",
        it="resto",
        nl="wisselgeld, terug, retour",
        ms="baki",
    ),
    "tip": _concept(
        "tip gratuity",
        en="tip, gratuity, tip amount",
        de="trinkgeld",
        fr="pourboire",
        es="propina",
        it="mancia",
        nl="fooi",
    ),
    "po_number": _concept(
        "po_number_own order_id",
        en="purchase order number, purchase order no, purchase order, po number, po no, p.o. number, p.o. no., order number, order no, order id, po #, po, order",
        de="bestellnummer, bestell-nr, bestellnr, bestellung nr, bestellung, auftragsnummer, auftrags-nr",
        fr="bon de commande n°, numéro de commande, n° de commande, commande n°, bon de commande, commande",
        es="número de pedido, nº de pedido, orden de compra nº, pedido nº, pedido",
        it="numero ordine, ordine n., ordine",
        nl="bestelnummer, inkoopordernummer, ordernummer, bestelling",
    ),
    "account_number": _concept(
        "account_number account_no account",
        en="account number, account no, account no., acct no, account #, account",
        de="kontonummer, konto-nr, konto nr, konto",
        fr="numéro de compte, n° de compte, compte n°",
        es="número de cuenta, nº cuenta, cuenta",
        it="numero conto, conto n., conto",
        nl="rekeningnummer, rekening",
    ),
    "account_holder": _concept(
        "account_holder holder account_name customer_of_bank",
        en="account holder, account name, account owner, prepared for, customer",
        de="kontoinhaber, inhaber",
        fr="titulaire du compte, titulaire",
        es="titular",
        it="intestatario, intestato a",
        nl="rekeninghouder",
    ),
    "beginning_balance": _concept(
        "beginning_balance opening_balance start_balance previous_balance",
        en="opening balance, beginning balance, balance brought forward, previous balance, starting balance, balance forward",
        de="anfangssaldo, alter saldo, saldo alt, alter kontostand, anfangskontostand",
        fr="solde initial, ancien solde, solde précédent",
        es="saldo inicial, saldo anterior",
        it="saldo iniziale",
        nl="beginsaldo, vorig saldo",
    ),
    "ending_balance": _concept(
        "ending_balance closing_balance end_balance new_balance",
        en="closing balance, ending balance, new balance, balance carried forward, end balance, statement balance",
        de="endsaldo, neuer saldo, saldo neu, neuer kontostand, endkontostand, kontostand",
        fr="solde final, nouveau solde, solde au",
        es="saldo final, saldo actual, nuevo saldo",
        it="saldo finale",
        nl="eindsaldo, nieuw saldo",
    ),
    "total_in": _concept(
        "total_in total_deposits total_credits",
        en="total deposits, total credits, money in, total paid in, deposits and credits, deposits",
        de="summe gutschriften, summe eingänge, gutschriften",
        fr="total des crédits, total crédits",
        es="total abonos",
        it="totale accrediti",
        nl="totaal bij",
    ),
    "total_out": _concept(
        "total_out total_withdrawals total_debits",
        en="total withdrawals, total debits, money out, total paid out, withdrawals and debits, withdrawals",
        de="summe belastungen, summe ausgänge, belastungen",
        fr="total des débits, total débits",
        es="total cargos",
        it="totale addebiti",
        nl="totaal af",
    ),
    "statement_start": _concept(
        "statement_start period_start start_date date_from flight_from from_date",
        en="statement period, period, from, period from, start date, flight start, flight dates, billing period, service period, start",
        de="zeitraum, auszug von, von, abrechnungszeitraum, leistungszeitraum",
        fr="période du, période, du",
        es="período, periodo, desde",
        it="periodo, dal",
        nl="periode, van",
    ),
    "statement_end": _concept(
        "statement_end period_end end_date date_to flight_to to_date statement_date",
        en="statement date, period to, to, end date, through, flight end, until, period end, end",
        de="bis, auszugsdatum, kontoauszug vom",
        fr="au, arrêté au",
        es="hasta, al",
        it="al",
        nl="tot, t/m",
    ),
    "line_no": _concept(
        "line_no position line_number pos",
        en="#, no, no., item no, line, ln, line no, pos, item #, item",
        de="pos, pos., position, nr., lfd. nr.",
        fr="n°, pos, ligne",
        es="nº, pos",
        it="n., riga",
        nl="nr, pos",
    ),
    "product_code": _concept(
        "product_code sku item_code article_number part_number item_number code",
        en="sku, item code, product code, part no, part number, code, item no, item number, article no, article number, item id, product no",
        de="artikelnummer, artikel-nr, art.-nr, artikelnr, art-nr, artikel nr, art. nr, artikel",
        fr="référence, réf, réf., code article, code, ref",
        es="referencia, código, ref., ref",
        it="codice, cod., cod. articolo, articolo",
        nl="artikelnummer, artikelnr, code, art.nr, artikel",
    ),
    "description": _concept(
        "description item product name title details service goods item_description",
        en="description, item description, item, details, product, service, particulars, description of goods, article, items, product description, description of services, activity",
        de="bezeichnung, beschreibung, artikelbezeichnung, leistung, artikel, text, leistungsbeschreibung, produkt, artikelbeschreibung, positionsbeschreibung",
        fr="désignation, description, libellé, article, produit, prestation",
        es="descripción, concepto, artículo, producto, detalle",
        it="descrizione, articolo, prodotto, servizio",
        nl="omschrijving, beschrijving, artikel, product",
        pt="descrição, artigo, designação",
    ),
    "quantity": _concept(
        "quantity qty count units hours number_of_items",
        en="quantity, qty, qty., units, hours, hrs, pcs, qnty",
        de="menge, anzahl, stück, stk, stunden",
        fr="quantité, qté, qte, qt",
        es="cantidad, cant., cant, uds",
        it="quantità, q.tà, qtà, q.ta",
        nl="aantal, hoeveelheid",
        pt="quantidade, qtd, qtd.",
    ),
    "unit": _concept(
        "unit uom unit_of_measure",
        en="unit, uom, u/m",
        de="einheit, eh, me",
        fr="unité, u.",
        es="unidad, ud.",
        it="u.m., um, unità",
        nl="eenheid",
    ),
    "unit_price": _concept(
        "unit_price price price_per_unit rate_per_unit unit_cost",
        en="unit price, price, rate, unit cost, price each, price/unit, each, unit price excl. vat, u/price",
        de="einzelpreis, e-preis, preis, stückpreis, ep, preis/einheit, einzel, nettopreis, stundensatz",
        fr="prix unitaire, p.u., pu ht, prix unitaire ht, p.u. ht, pu, prix",
        es="precio unitario, precio, p. unitario, precio ud., p.u.",
        it="prezzo unitario, prezzo, prezzo unit., p. unit.",
        nl="prijs, stukprijs, eenheidsprijs, prijs per stuk, tarief",
        pt="preço unitário, preço, p. unitário",
    ),
    "line_net": _concept(
        "net_line line_amount amount line_net price_total total_price line_total_amount",
        en="amount, line total, total, net amount, extended price, net, total price, amount excl. vat, ext. price, extension, extended, total excl. vat",
        de="gesamtpreis, gesamt, betrag, summe, g-preis, netto, nettobetrag, positionssumme, gesamt netto, gp, betrag netto, total",
        fr="montant ht, total ht, montant, total, prix total, total ligne ht, prix total ht",
        es="importe, total, importe neto, subtotal",
        it="importo, totale, prezzo totale, imponibile",
        nl="bedrag, totaal, regeltotaal, totaalprijs",
        pt="valor, total, total líquido",
    ),
    "tax_rate": _concept(
        "tax_rate vat_rate tax_percent vat_percent",
        en="vat %, tax %, vat rate, tax rate, vat, tax, gst %, rate",
        de="mwst %, mwst-satz, ust %, ust-satz, mwst, ust, steuersatz, mwst., satz, ust. %, steuersatz [%]",
        fr="tva %, taux tva, taux, tva, % tva",
        es="iva %, % iva, tipo iva, iva, tipo",
        it="iva %, aliquota, % iva, iva, aliquota iva",
        nl="btw %, btw-tarief, btw, tarief",
        pt="iva %, taxa iva, iva",
    ),
    "tax_base": _concept(
        "base tax_base taxable",
        en="taxable amount, net, basis, net amount, taxable, vat base, excl., excl, excl. vat",
        de="bemessungsgrundlage, netto, nettobetrag, basisbetrag, warenwert",
        fr="base ht, base, montant ht, ht",
        es="base imponible, base",
        it="imponibile",
        nl="grondslag, netto, over, excl. btw",
    ),
    "tax_amount": _concept(
        "tax_row_amount",
        en="vat amount, tax amount, vat, tax, amount",
        de="mwst-betrag, steuerbetrag, mwst, ust, steuer, betrag",
        fr="montant tva, tva, montant",
        es="cuota, importe iva, iva",
        it="imposta, iva",
        nl="btw bedrag, btw",
    ),
    "transaction_date": _concept(
        "transaction_row_date booking_date",
        en="date, posting date, transaction date, booking date",
        de="datum, buchung, buchungstag, buchungsdatum",
        fr="date, date opération",
        es="fecha, fecha operación",
        it="data, data operazione",
        nl="datum, boekdatum",
    ),
    "value_date": _concept(
        "value_date",
        en="value date",
        de="valuta, wert, wertstellung",
        fr="date de valeur, valeur",
        es="fecha valor, valor",
        it="data valuta, valuta",
        nl="valutadatum",
    ),
    "deposit": _concept(
        "deposit credit paid_in money_in",
        en="paid in, money in, deposits, deposit, credit, credits, in",
        de="gutschrift, haben, eingang, gutschriften",
        fr="crédit, créditer",
        es="abono, haber, ingresos",
        it="accredito, avere, entrate",
        nl="bij, credit",
    ),
    "withdrawal": _concept(
        "withdrawal debit paid_out money_out",
        en="paid out, money out, withdrawals, withdrawal, debit, debits, out, payments",
        de="belastung, soll, ausgang, lastschrift, belastungen",
        fr="débit",
        es="cargo, debe, gastos",
        it="addebito, dare, uscite",
        nl="af, debet",
    ),
    "balance": _concept(
        "balance running_balance",
        en="balance",
        de="saldo, kontostand",
        fr="solde",
        es="saldo",
        it="saldo",
        nl="saldo",
    ),
}

_ALIASES = {alias: key for key, concept in CONCEPTS.items() for alias in concept.aliases.split()}
_LIST_ALIASES = {
    "net": "line_net", "total": "line_net", "amount": "line_net", "gross": "line_net",
    "line_total": "line_net", "base": "tax_base", "date": "transaction_date",
    "number": "line_no", "discount": "discount",
}  # fmt: skip


def labels(concept: str) -> Labels:
    """Return the labels of a concept in ``CONCEPTS``; KeyError for an unknown one."""
    return CONCEPTS[concept].labels


def guess_labels(path: str, title: str | None, kind: Kind) -> tuple[str, ...]:
    """Return labels for a field whose author declared none, from its path and title."""
    parent, _, name = path.replace("[]", "").rpartition(".")
    key = (_LIST_ALIASES.get(name) if "[]" in path else None) or _ALIASES.get(_snake(name))
    own = [" ".join(_words(name))]
    if title:
        own.insert(0, title.lower())
    if not key and kind in (Kind.NAME, Kind.TEXT) and name == "name" and parent:
        key = _ALIASES.get(parent.rpartition(".")[2])
    return tuple(dict.fromkeys([*own, *(CONCEPTS[key].labels.phrases if key else ())]))


_KIND_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.IBAN, "iban"),
    (Kind.BIC, "bic swift"),
    (Kind.EMAIL, "email mail"),
    (Kind.PHONE, "phone tel telephone mobile fax"),
    (Kind.URL, "url website web homepage"),
    (Kind.DATE, "date day flight start end until"),
    (Kind.CURRENCY, "currency"),
    (Kind.COUNTRY, "country"),
    (Kind.ADDRESS, "address street"),
    (Kind.TAX_ID, "vat tin ein abn"),
    (Kind.IDENTIFIER, "number no id code ref reference num nr sku po ssn invoice"),
    (Kind.NAME, "name vendor seller supplier merchant buyer customer client company employer employee advertiser party parties registrant payer recipient holder bank"),
    (Kind.MONEY, "total amount price cost balance subtotal fee net gross"),
)  # fmt: skip

_NUMBER_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.PERCENT, "rate percent pct percentage"),
    (Kind.QUANTITY, "quantity qty count units hours num pages items"),
    (Kind.MONEY, "total amount price cost balance subtotal fee net gross tax vat gst due paid sum charge charges discount shipping tip change cash deposit withdrawal salary wages income value fees subtotals debit credit payment"),
)  # fmt: skip


def guess_kind(name: str, base: Kind) -> Kind:
    """Return the kind of a plainly typed field from the words of its name.

    Args:
        name: the field's own name, such as ``vendor_iban``.
        base: the kind its Python type alone would give.
    """
    if base not in (Kind.TEXT, Kind.DECIMAL):
        return base
    words = _words(name)
    if base is Kind.TEXT and _snake(name) in (
        "tax_id",
        "vat_id",
        "vat_number",
        "tax_number",
    ):
        return Kind.TAX_ID
    table = _KIND_WORDS if base is Kind.TEXT else _NUMBER_WORDS
    for kind, known in table:
        if set(known.split()) & set(words):
            return kind
    return base


_ROLES = {
    Role.SELLER: "seller vendor supplier merchant issuer shop store payee",
    Role.BUYER: "buyer customer client recipient bill_to purchaser receiver",
    Role.SHIP_TO: "ship_to delivery_address shipping_address deliver_to",
    Role.BANK: "bank",
    Role.HOLDER: "account_holder holder",
}


def guess_role(name: str) -> Role | None:
    """Return whose property a field or group is, from its name, or None."""
    snake = _snake(name)
    stem = re.sub(r"_(name|address|tax_id|vat_id|vat_number|email|phone|country)$", "", snake)
    return next((role for role, names in _ROLES.items() if stem in names.split()), None)


def _snake(name: str) -> str:
    return "_".join(_words(name))


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^0-9a-zà-ÿ]+", spaced.lower()) if word]
