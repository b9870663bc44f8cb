/** One of a few forms or lists of the same thing. */
import { SegmentedControl } from '@mantine/core';

interface ChoiceProps<V extends string> {
  /** For those who do not see what it stands beside: "Which payments". */
  readonly label: string;
  readonly choices: readonly { readonly value: V; readonly label: string }[];
  readonly value: V;
  readonly choose: (value: V) => void;
  /** Above a page's list; else small, beside a title. */
  readonly ofPage?: boolean;
}

export function Choice<V extends string>({
  label,
  choices,
  value,
  choose,
  ofPage,
}: ChoiceProps<V>) {
  return (
    <SegmentedControl
      className="no-print"
      aria-label={label}
      data={[...choices]}
      value={value}
      onChange={choose}
      {...(ofPage === true
        ? { mb: 'md', maw: '100%', style: { overflowX: 'auto' } }
        : { size: 'xs' })}
    />
  );
}

export type PictureForm = 'bars' | 'table';

const PICTURE_FORMS = [
  { value: 'bars', label: 'Bars' },
  { value: 'table', label: 'Table' },
] as const;

/** A picture, or its figures. */
export function PictureChoice({
  form,
  choose,
}: {
  form: PictureForm;
  choose: (form: PictureForm) => void;
}) {
  return <Choice label="Bars or table" choices={PICTURE_FORMS} value={form} choose={choose} />;
}
