/**
 * The folders of domain/ that mutation testing takes, each with the folders of tests/domain/ that hold its rules. Mutants
 * in constants run all of these tests, so that a folder names the fewest that say what it must do.
 */
export const FOLDERS = {
  money: ['money'],
  dates: ['dates'],
  policies: ['policies'],
  'payment-terms': ['payment-terms'],
  tax: ['tax', 'bill-run'],
  'credit-notes': ['credit-notes'],
  charges: ['charges', 'bill-run', 'reference'],
  'bill-run': ['bill-run', 'charges', 'tax', 'reference'],
  revenue: ['revenue'],
  ledger: ['ledger', 'revenue'],
  forecast: ['forecast'],
  renewal: ['renewal'],
  dunning: ['dunning'],
  allocation: ['allocation'],
  findings: ['findings'],
  licenses: ['licenses'],
  book: ['book', 'bill-run'],
  'payment-reference': ['payment-reference'],
};
