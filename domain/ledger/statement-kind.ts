/** What moves the balance of an account: what a line of its statement is (docs/rules/glossary.md, statement). */
export type StatementKind =
  | 'invoice'
  | 'credit_note'
  | 'late_charge'
  | 'void'
  | 'payment'
  | 'exchange'
  | 'refund'
  | 'reversal'
  | 'discount'
  | 'write_off'
  | 'opening';
