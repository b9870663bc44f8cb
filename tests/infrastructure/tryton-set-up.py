"""Makes a company's books in an empty Tryton: chart of accounts, fiscal year 2026, a way to be paid, a key for the REST
interface. Called once for a cached database: tryton-set-up.py CONFIGURATION DATABASE KEY
"""
import datetime
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

configuration, database, key = sys.argv[1:]
here = config.set_trytond(f"sqlite:///{database}", config_file=configuration)

Currency, Rate = Model.get("currency.currency"), Model.get("currency.currency.rate")
for code, rate in (("EUR", "1"), ("USD", "1.1"), ("JPY", "160")):
    currency = Currency(name=code, code=code, symbol=code)
    currency.digits = 0 if code == "JPY" else 2
    currency.rounding = Decimal("1") if code == "JPY" else Decimal("0.01")
    currency.save()
    Rate(currency=currency, date=datetime.date(2020, 1, 1), rate=Decimal(rate)).save()

Country = Model.get("country.country")
for code, name in (("DE", "Germany"), ("US", "United States"), ("FR", "France")):
    Country(code=code, name=name).save()

Party = Model.get("party.party")
seller = Party(name="Northwind Works GmbH")
seller.save()
create_company(party=seller, currency=Currency.find([("code", "=", "EUR")])[0])
company = get_company()

create_chart(company)
year = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(company, today=year))
fiscal_year.save()
fiscal_year.click("create_period")

accounts = get_accounts(company)
for name, code in (("revenue", "4000"), ("tax", "2200"), ("cash", "1200")):
    account = accounts[name]
    account.code = code
    account.save()
Journal = Model.get("account.journal")
(cash,) = Journal.find([("type", "=", "cash")], limit=1)
Method = Model.get("account.invoice.payment.method")
bank = Method(name="Bank", journal=cash)
bank.debit_account = bank.credit_account = accounts["cash"]
bank.save()

# The rights that docs/connecting.md names, no more.
User, Application = Model.get("res.user"), Model.get("res.user.application")
perennial = User(name="Perennial", login="perennial")
perennial.groups.extend(Model.get("res.group").find([("name", "in", ["Accounting", "Party Administration"])]))
perennial.companies.append(company)
perennial.company = company
perennial.save()
Application(user=perennial, application="rest", key=key, state="validated").save()
