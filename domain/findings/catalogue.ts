/**
 * The catalogue: every rule by its code, with what it compares, why it matters, what to do, and what one decision can do
 * about it. Codes and amounts of `book findings` are fixed (docs/rules/interfaces.md); docs/findings.md is written from here.
 */
import type { ActionKind, Severity } from './finding.ts';
import type { SourceName } from './outside.ts';

export interface RuleText {
  /** What people read for the code. */
  readonly title: string;
  readonly severity: Severity;
  /** The system that it needs besides the contract book; null where the book is enough. */
  readonly needs: SourceName | null;
  readonly compares: string;
  readonly matters: string;
  readonly todo: string;
  /** What the amount is. */
  readonly amount: string;
  readonly actions: readonly ActionKind[];
}

const NO_AMOUNT = '0';

export const CATALOGUE = {
  unbilled: {
    title: 'Never billed',
    severity: 'high',
    needs: null,
    compares:
      'What each subcontract should be billed for each period with the lines of all issued documents.',
    matters: 'Nobody asked for this money yet, and nobody will unless it is noticed.',
    todo: 'Bill it with the next run or now, or end the subcontract if it was never agreed.',
    amount: 'the expected net of the period',
    actions: ['billNow', 'amend', 'askOwner', 'accept'],
  },
  underbilled: {
    title: 'Billed too little',
    severity: 'high',
    needs: null,
    compares:
      'Quantity, price and days as contracted with what was billed for the same subcontract and period.',
    matters: 'A change that reached the contract has not reached the invoice.',
    todo: 'Bill the difference with the next run.',
    amount: 'expected − billed',
    actions: ['billNow', 'amend', 'askOwner', 'accept'],
  },
  overbilled: {
    title: 'Billed too much',
    severity: 'medium',
    needs: null,
    compares:
      'What was billed for a subcontract and period with what is contracted, after its end too.',
    matters: 'The money is owed to the customer, who will find it first if we do not.',
    todo: 'Credit the difference, or correct the contract if the invoice is right.',
    amount: 'expected − billed, negative',
    actions: ['credit', 'amend', 'askOwner', 'accept'],
  },
  'discount-expired': {
    title: 'Discount after its last day',
    severity: 'medium',
    needs: null,
    compares:
      'Bills that came out too low with what a dated discount would give if it had no last day.',
    matters: 'A discount agreed for a time was given on for good.',
    todo: 'Bill the difference, or prolong the discount if it was agreed to go on.',
    amount: 'expected − billed',
    actions: ['billNow', 'amend', 'askOwner', 'accept'],
  },
  'service-unbilled': {
    title: 'Service time not billed',
    severity: 'high',
    needs: null,
    compares: 'Approved billable time up to the last 15th with the entries named on invoices.',
    matters:
      'Work that was done and approved earns nothing until it is billed, and is forgotten first.',
    todo: 'Bill it with the next run or now, or mark the entry as not billable.',
    amount: 'hours × rate',
    actions: ['billNow', 'correctRecord', 'askOwner', 'accept'],
  },
  'usage-unbilled': {
    title: 'Usage not billed',
    severity: 'high',
    needs: null,
    compares:
      'Metered usage over what is included, up to the last 15th, with what was billed of it.',
    matters: 'What was used over the agreement is paid by nobody.',
    todo: 'Bill the usage with the next run or now.',
    amount: 'its price by the tiers, less what was billed',
    actions: ['billNow', 'amend', 'askOwner', 'accept'],
  },
  'uplift-not-applied': {
    title: 'Price not raised on renewal',
    severity: 'medium',
    needs: null,
    compares:
      'The agreed price of a later term with the price of the term before it, raised by that one’s price rule.',
    matters:
      'A rise that the contract grants is lost for the whole term, and for every term that builds on it.',
    todo: 'Amend the price from the next period on, or record that it was negotiated (price rule "none").',
    amount: 'the running period at the raised price less the same as agreed',
    actions: ['amend', 'askOwner', 'accept'],
  },
  'currency-mismatch': {
    title: 'Two currencies in one place',
    severity: 'high',
    needs: null,
    compares:
      'The currency of billed lines with their contract’s, and of payments with their invoice’s.',
    matters:
      'Amounts in different currencies never add, so nothing else can be told of that record.',
    todo: 'Correct the currency of the record that is wrong.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'correctInAccounting', 'askOwner', 'accept'],
  },
  'invoice-unusual': {
    title: 'Unusually high or low',
    severity: 'low',
    needs: null,
    compares:
      'What an invoice bills per day of a subcontract with the median of the same subcontract’s earlier periods, and that ' +
      'change with the changes of other subcontracts of the same product (median and median absolute deviation).',
    matters: 'A slip of a digit is billed correctly by every rule that trusts the contract.',
    todo: 'Look at the quantity and price behind it before the customer does.',
    amount: NO_AMOUNT,
    actions: ['amend', 'askOwner', 'accept'],
  },
  'not-computable': {
    title: 'Can not be computed',
    severity: 'high',
    needs: null,
    compares: 'The facts of each contract and subcontract with each other.',
    matters: 'Nothing else can be told of it, and every run sets it aside.',
    todo: 'Correct the records that it names.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'addPrice', 'askOwner'],
  },
  'seats-over': {
    title: 'More seats used than bought',
    severity: 'high',
    needs: null,
    compares: 'The seats of enabled full licenses with the quantity of their subcontracts.',
    matters: 'Seats that were added in the license only are used and not paid for.',
    todo: 'Amend the subcontract to the seats in use, or replace the license.',
    amount: 'a full period of the excess, after discounts',
    actions: ['amend', 'replaceLicense', 'askOwner', 'accept'],
  },
  'license-without-subcontract': {
    title: 'License that nobody pays for',
    severity: 'high',
    needs: null,
    compares:
      'Enabled full licenses with their subcontracts, and these with the payment of the running period.',
    matters: 'A full license promises what was not paid: it should be a temporary one, or none.',
    todo: 'Replace it by a temporary license until the period is paid, or switch it off.',
    amount: 'the running period’s expected net; 0 where there is no subcontract',
    actions: ['replaceLicense', 'suspendLicense', 'billNow', 'askOwner', 'accept'],
  },
  'paid-not-licensed': {
    title: 'Paid, but no license',
    severity: 'high',
    needs: null,
    compares: 'Subcontracts that are paid for the running period with their enabled licenses.',
    matters: 'A customer who paid is cut off, or is about to be.',
    todo: 'Issue a full license to the end of the paid period, or switch the suspended one on again.',
    amount: NO_AMOUNT,
    actions: ['reEnable', 'replaceLicense', 'askOwner', 'accept'],
  },
  'license-ends-early': {
    title: 'License ends before what is paid',
    severity: 'high',
    needs: null,
    compares: 'The last day of what is paid with the last day of the enabled licenses.',
    matters: 'A paying customer is cut off on that day.',
    todo: 'Replace the license by one to the end of the paid period.',
    amount: NO_AMOUNT,
    actions: ['replaceLicense', 'askOwner', 'accept'],
  },
  'suspended-though-paid': {
    title: 'Suspended though paid',
    severity: 'medium',
    needs: null,
    compares:
      'Suspended licenses with the payment of what they license, where no other rule tells it: a perpetual license that is ' +
      'paid, or a full license beside which a temporary one still serves.',
    matters: 'The reason of the suspension is gone; the customer lives on a stand-in, or without.',
    todo: 'Switch the license on again.',
    amount: NO_AMOUNT,
    actions: ['reEnable', 'askOwner', 'accept'],
  },
  'wrong-account': {
    title: 'License of another account',
    severity: 'medium',
    needs: null,
    compares:
      'The account that a license is registered to with the account (or end user) of its contract.',
    matters: 'Keys, mails and renewals go to the wrong people.',
    todo: 'Register the license to the contract’s account, or move the subcontract.',
    amount: NO_AMOUNT,
    actions: ['move', 'replaceLicense', 'askOwner', 'accept'],
  },
  'order-without-contract': {
    title: 'Order without a contract',
    severity: 'high',
    needs: null,
    compares:
      'Orders that are closed-won with contracts, subcontracts and the opportunities that these name.',
    matters: 'What was sold is never billed, this year and every year.',
    todo: 'Draw up the contract, or mark the order as cancelled.',
    amount: 'quantity × unit price; a year’s for recurring products',
    actions: ['drawUpContract', 'correctRecord', 'correctInCrm', 'askOwner', 'accept'],
  },
  'delivered-without-contract': {
    title: 'Delivered without a contract',
    severity: 'high',
    needs: null,
    compares: 'Orders that were delivered and are not closed-won with contracts and subcontracts.',
    matters: 'The customer has it; whether it was sold was never written down.',
    todo: 'Close the order as won and draw up the contract, or take the delivery back.',
    amount: 'quantity × unit price; a year’s for recurring products',
    actions: ['drawUpContract', 'correctRecord', 'askOwner', 'accept'],
  },
  'deal-without-contract': {
    title: 'Won deal without order or contract',
    severity: 'high',
    needs: 'crm',
    compares: 'Deals that the CRM calls won with the opportunities of orders and subcontracts.',
    matters: 'What was sold never reached the books.',
    todo: 'Draw up the contract, or correct the deal in the CRM.',
    amount: 'the deal’s amount',
    actions: ['drawUpContract', 'correctInCrm', 'askOwner', 'accept'],
  },
  'contract-without-order': {
    title: 'Contract without an order',
    severity: 'low',
    needs: null,
    compares:
      'Subcontracts that name an opportunity with the won orders; and, where nine of ten contracts have an order, contracts ' +
      'that have none.',
    matters: 'Nobody can show that it was ordered: it is the first thing a customer disputes.',
    todo: 'Record the order, or correct the opportunity.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'correctInCrm', 'askOwner', 'accept'],
  },
  'duplicate-subcontract': {
    title: 'Covered twice',
    severity: 'medium',
    needs: null,
    compares: 'Subcontracts of one account for the same product and serial that overlap in time.',
    matters: 'The customer is billed twice for one machine.',
    todo: 'Remove the later one, or correct its serial.',
    amount: NO_AMOUNT,
    actions: ['amend', 'credit', 'askOwner', 'accept'],
  },
  'term-gap': {
    title: 'Gap between two terms',
    severity: 'medium',
    needs: null,
    compares:
      'The end of a subcontract with the start of the next one for the same product and serial of the account.',
    matters:
      'The days between were covered by nobody, and were not charged back when the customer returned.',
    todo: 'Begin the later term on the day after the first, or accept that it began anew.',
    amount: 'the days between, at the price of the earlier term',
    actions: ['amend', 'billNow', 'askOwner', 'accept'],
  },
  'term-overlap': {
    title: 'Two terms at once',
    severity: 'medium',
    needs: null,
    compares:
      'The last days of a term with the first days of the next one for the same product and quantity of the account, where ' +
      'no serial tells the two apart.',
    matters: 'The days in both terms are billed twice.',
    todo: 'Begin the later term on the day after the first, and credit the days in both.',
    amount: 'the days in both terms at the price of the later one, negative',
    actions: ['amend', 'credit', 'askOwner', 'accept'],
  },
  'expired-active': {
    title: 'Ended, yet still active',
    severity: 'high',
    needs: null,
    compares:
      'Active contracts past their end with later terms of the account for the same products.',
    matters: 'The customer is served on, and nobody asks for the next year.',
    todo: 'Renew it, or let it lapse and end its licenses.',
    amount: 'a year’s price, after discounts, of what no later term covers',
    actions: ['renew', 'suspendLicense', 'askOwner', 'accept'],
  },
  'renewal-missed': {
    title: 'Renewal missed',
    severity: 'high',
    needs: null,
    compares:
      'Contracts that renew by themselves, got no notice and ended within the year, with later terms of the account.',
    matters: 'The customer agreed to the next year and was let go.',
    todo: 'Draw up the next term, or record the notice.',
    amount: 'a year’s price, after discounts, of what no later term covers',
    actions: ['renew', 'correctRecord', 'askOwner', 'accept'],
  },
  'price-list-outdated': {
    title: 'Price list without a price in force',
    severity: 'medium',
    needs: null,
    compares: 'Price lists and products in use with the prices in force on the day.',
    matters: 'The next period can not be billed.',
    todo: 'Add a price to the list.',
    amount: NO_AMOUNT,
    actions: ['addPrice', 'amend', 'askOwner', 'accept'],
  },
  'contact-missing': {
    title: 'No billing contact',
    severity: 'low',
    needs: null,
    compares: 'Accounts that are billed with their billing mail and contacts.',
    matters: 'An invoice that nobody gets is paid late.',
    todo: 'Name a billing contact or mail address.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'askOwner', 'accept'],
  },
  'po-missing': {
    title: 'Order number missing',
    severity: 'low',
    needs: null,
    compares: 'Accounts that require an order number with their running contracts.',
    matters: 'The customer sends the invoice back.',
    todo: 'Ask for the order number before the next run.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'askOwner', 'accept'],
  },
  'tax-id-missing': {
    title: 'Tax id missing',
    severity: 'low',
    needs: null,
    compares:
      'Accounts under reverse charge, or businesses in another EU state, with their tax id.',
    matters: 'Without it the invoice bears domestic tax, or is wrong.',
    todo: 'Ask for the tax id.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'askOwner', 'accept'],
  },
  'tax-id-invalid': {
    title: 'Tax id can not be right',
    severity: 'low',
    needs: null,
    compares: 'VAT numbers with the check digits of their country.',
    matters: 'Reverse charge rests on it.',
    todo: 'Ask for the VAT number.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'askOwner', 'accept'],
  },
  'mail-undeliverable': {
    title: 'Mail comes back',
    severity: 'medium',
    needs: 'mail',
    compares:
      'The addresses that invoices, reminders and keys go to with mails that came back for good.',
    matters: 'What is not delivered is not paid, and the reminder does not arrive either.',
    todo: 'Ask the customer for another address.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'askOwner', 'accept'],
  },
  'payment-unallocated': {
    title: 'Payment not allocated',
    severity: 'medium',
    needs: null,
    compares: 'Money received with what it was allocated to.',
    matters: 'The customer is reminded of what they paid.',
    todo: 'Allocate it to open invoices, or keep it as credit of the account.',
    amount: 'the open part',
    actions: ['allocate', 'askOwner', 'accept'],
  },
  'allocation-differs': {
    title: 'Allocations do not add up',
    severity: 'medium',
    needs: null,
    compares: 'Total − credits − balance of each document with its allocations.',
    matters: 'Either a payment is missing here or the balance is wrong.',
    todo: 'Find the payment that is missing, or correct the balance.',
    amount: 'the difference',
    actions: ['allocate', 'correctInAccounting', 'askOwner', 'accept'],
  },
  'number-gap': {
    title: 'Gap in the invoice numbers',
    severity: 'medium',
    needs: null,
    compares:
      'The numbers of each entity, series and year with each other, where the book holds nine of ten of them.',
    matters: 'A tax audit asks for every number: one that is missing was lost, or deleted.',
    todo: 'Find the document, or record why the number was not used.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'correctInAccounting', 'accept'],
  },
  'ledger-imbalance': {
    title: 'Ledger out of balance',
    severity: 'high',
    needs: 'ledger',
    compares:
      'The postings of each entry with each other, and the receivable of each account with its open documents.',
    matters: 'The books are wrong, whatever else looks right.',
    todo: 'Ask the operator: this is a defect, not a decision.',
    amount: 'the difference',
    actions: ['askOwner', 'accept'],
  },
  'customer-duplicated': {
    title: 'Customer twice in our record',
    severity: 'medium',
    needs: null,
    compares:
      'Open accounts with each other: the same name, and the same tax id or postal code; parts of one group are not doubles.',
    matters: 'Payments land on one and invoices on the other; neither balance is right.',
    todo: 'Merge the two.',
    amount: NO_AMOUNT,
    actions: ['mergeCustomer', 'correctRecord', 'askOwner', 'accept'],
  },
  'customer-missing-in-accounting': {
    title: 'Customer missing in accounting',
    severity: 'medium',
    needs: 'accounting',
    compares: 'Accounts that are billed with the customers in accounting.',
    matters: 'Their invoices can not be posted there.',
    todo: 'Create the customer in accounting, or correct the account’s accounting id.',
    amount: NO_AMOUNT,
    actions: ['correctInAccounting', 'correctRecord', 'askOwner', 'accept'],
  },
  'customer-duplicated-in-accounting': {
    title: 'Customer twice in accounting',
    severity: 'medium',
    needs: 'accounting',
    compares:
      'Customers in accounting with each other: the same tax id, or the same name and postal code.',
    matters: 'Payments land on one and invoices on the other; neither balance is right.',
    todo: 'Merge the two in accounting.',
    amount: NO_AMOUNT,
    actions: ['mergeCustomer', 'askOwner', 'accept'],
  },
  'customer-differs-in-accounting': {
    title: 'Customer differs in accounting',
    severity: 'low',
    needs: 'accounting',
    compares: 'Name, address, tax id and mail of each account with its customer in accounting.',
    matters: 'One of the two is out of date, and documents carry it.',
    todo: 'Decide which is right and correct the other.',
    amount: NO_AMOUNT,
    actions: ['correctInAccounting', 'correctRecord', 'askOwner', 'accept'],
  },
  'customer-differs-in-crm': {
    title: 'Customer differs in the CRM',
    severity: 'low',
    needs: 'crm',
    compares: 'Name, address, tax id and mail of each account with its customer in the CRM.',
    matters: 'Sales talks to people and places that are gone.',
    todo: 'Decide which is right and correct the other.',
    amount: NO_AMOUNT,
    actions: ['correctInCrm', 'correctRecord', 'askOwner', 'accept'],
  },
  'invoice-missing-in-accounting': {
    title: 'Invoice missing in accounting',
    severity: 'high',
    needs: 'accounting',
    compares: 'Issued documents with the documents in accounting, by number.',
    matters: 'Nobody there waits for the money, and the tax return is wrong.',
    todo: 'Post it there.',
    amount: 'its total',
    actions: ['correctInAccounting', 'askOwner', 'accept'],
  },
  'invoice-missing-here': {
    title: 'Invoice only in accounting',
    severity: 'medium',
    needs: 'accounting',
    compares:
      'The documents in accounting with the issued documents, by number, in the series of the entities.',
    matters:
      'Something was billed past the contracts: it will be billed again, or was never agreed.',
    todo: 'Record it here, or void it there.',
    amount: NO_AMOUNT,
    actions: ['correctRecord', 'correctInAccounting', 'askOwner', 'accept'],
  },
  'invoice-differs-in-accounting': {
    title: 'Invoice differs in accounting',
    severity: 'high',
    needs: 'accounting',
    compares: 'Currency and total of each document with the same number in accounting.',
    matters: 'The customer is asked for one amount and booked with another.',
    todo: 'Correct it in accounting: the issued document is what the customer has.',
    amount: 'ours − theirs (negative where theirs is more); 0 where the currencies differ',
    actions: ['correctInAccounting', 'askOwner', 'accept'],
  },
  'invoice-twice-in-accounting': {
    title: 'Invoice twice in accounting',
    severity: 'high',
    needs: 'accounting',
    compares: 'The documents in accounting with each other, by number.',
    matters: 'Revenue and receivable are counted twice.',
    todo: 'Void the second one there.',
    amount: 'what is there too much, negative',
    actions: ['correctInAccounting', 'askOwner', 'accept'],
  },
  'payment-missing-in-accounting': {
    title: 'Payment missing in accounting',
    severity: 'medium',
    needs: 'accounting',
    compares: 'Money received with the payments in accounting.',
    matters: 'The invoice stays open there, and somebody reminds the customer.',
    todo: 'Post it there.',
    amount: NO_AMOUNT,
    actions: ['correctInAccounting', 'askOwner', 'accept'],
  },
  'payment-missing-here': {
    title: 'Payment only in accounting',
    severity: 'high',
    needs: 'accounting',
    compares: 'The payments in accounting with money received here.',
    matters: 'The customer paid and is reminded, and the license is not renewed.',
    todo: 'Record the payment here and allocate it.',
    amount: NO_AMOUNT,
    actions: ['allocate', 'correctInAccounting', 'askOwner', 'accept'],
  },
  'allocation-differs-in-accounting': {
    title: 'Payment allocated otherwise in accounting',
    severity: 'medium',
    needs: 'accounting',
    compares:
      'What each payment was allocated to here with what it was allocated to in accounting.',
    matters: 'An invoice is paid here and open there, or the other way round.',
    todo: 'Decide which is right and correct the other.',
    amount: NO_AMOUNT,
    actions: ['correctInAccounting', 'allocate', 'askOwner', 'accept'],
  },
  'rule-failed': {
    title: 'Could not be checked',
    severity: 'high',
    needs: null,
    compares: 'Nothing: a rule ended with an error, and what it compares was not checked.',
    matters: 'What is not checked is not fine.',
    todo: 'Correct the records that it names, or tell the operator.',
    amount: NO_AMOUNT,
    actions: ['correctRecord'],
  },
} as const satisfies Readonly<Record<string, RuleText>>;

export type RuleCode = keyof typeof CATALOGUE;
export const RULE_CODES = Object.keys(CATALOGUE) as RuleCode[];

/** The catalogue's text of a code; null for one that it does not have. */
export function ruleText(code: string): RuleText | null {
  return Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code as RuleCode] : null;
}
