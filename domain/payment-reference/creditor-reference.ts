/** ISO 11649 creditor references: what a payer types into the bank's reference field, with check digits (mod 97-10). */

function remainderBy97(text: string): number {
  let remainder = 0;
  for (const char of text)
    for (const digit of String(Number.parseInt(char, 36)))
      remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder;
}

/** "INV-2026-00017" → "RF38INV202600017"; null where the number has no or more than 21 letters and digits. */
export function creditorReference(number: string): string | null {
  const body = number.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (body.length === 0 || body.length > 21) return null;
  const check = 98 - remainderBy97(`${body}RF00`);
  return `RF${String(check).padStart(2, '0')}${body}`;
}

/** Whether a reference as somebody typed it is whole: spaces and case do not matter. */
export function isCreditorReference(text: string): boolean {
  const plain = text.replace(/\s/g, '').toUpperCase();
  return (
    /^RF\d{2}[A-Z0-9]{1,21}$/.test(plain) && remainderBy97(plain.slice(4) + plain.slice(0, 4)) === 1
  );
}
