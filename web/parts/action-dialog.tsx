/** One form for every action: it says what will happen, asks what it needs (a reason where it will be asked later), acts once. */
import {
  Button,
  Group,
  Modal,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useAction } from '../data/reading.ts';
import { ProblemPanel } from './states.tsx';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'date' | 'choice' | 'reason' | 'yes-no' | 'month' | 'email' | 'password';
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly initial?: string;
  readonly hint?: string;
  /** Most fields must be filled in; this one may stay empty. */
  readonly optional?: boolean;
  /** Shown only while it says so. */
  readonly when?: (values: Values) => boolean;
  /** What is wrong with what was typed; null where nothing is. */
  readonly check?: (value: string, values: Values) => string | null;
}
export type Values = Readonly<Record<string, string>>;

export interface Asked {
  readonly title: string;
  /** What will happen, before it does. */
  readonly what: ReactNode | ((values: Values) => ReactNode);
  readonly fields?: readonly Field[];
  readonly button: string;
  readonly danger?: boolean;
  readonly act: (values: Values, key: string) => Promise<unknown>;
  readonly done?: (answer: unknown) => void;
}

const REASON_LEAST = 3;

function faultOf(field: Field, values: Values): string | null {
  const value = (values[field.name] ?? '').trim();
  if (value === '') return field.optional === true ? null : 'Fill this in';
  if (field.kind === 'reason' && value.length < REASON_LEAST)
    return 'Say why in a few words; it is kept with the change';
  return field.check?.(value, values) ?? null;
}

/** Null closes it. A new `asked` begins a new form. */
export function ActionDialog({ asked, close }: { asked: Asked | null; close: () => void }) {
  return (
    <Modal opened={asked !== null} onClose={close} title={asked?.title} size="md">
      {asked !== null && <Form key={asked.title} asked={asked} close={close} />}
    </Modal>
  );
}

function Form({ asked, close }: { asked: Asked; close: () => void }) {
  const fields = asked.fields ?? [];
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(fields.map(({ name, initial }) => [name, initial ?? ''])),
  );
  const [tried, setTried] = useState(false);
  const open = useOpen();
  const action = useAction(asked.act, (answer) => {
    // Where this question was closed meanwhile, the one that stands there now is another.
    if (open.current) close();
    asked.done?.(answer);
  });
  const shown = fields.filter(({ when }) => when === undefined || when(values));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (shown.every((field) => faultOf(field, values) === null)) action.mutate(values);
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
          event.currentTarget.requestSubmit();
      }}
    >
      <Stack gap="md">
        <Text component="div">
          {typeof asked.what === 'function' ? asked.what(values) : asked.what}
        </Text>
        {shown.map((field, index) => (
          <FieldInput
            key={field.name}
            isFirst={index === 0}
            field={field}
            value={values[field.name] ?? ''}
            fault={tried ? faultOf(field, values) : null}
            set={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {action.error !== null && <ProblemPanel error={action.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={action.isPending}
            {...(asked.danger ? { color: 'red' } : {})}
          >
            {asked.button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether this form is still shown. */
function useOpen() {
  const open = useRef(false);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);
  return open;
}

interface InputProps {
  readonly field: Field;
  /** Where one types when the question opens. */
  readonly isFirst: boolean;
  readonly value: string;
  readonly fault: string | null;
  readonly set: (value: string) => void;
}

function FieldInput({ field, isFirst, value, fault, set }: InputProps) {
  const common = {
    label: field.label,
    error: fault,
    ...(isFirst ? { 'data-autofocus': true } : {}),
    ...(field.hint === undefined ? {} : { description: field.hint }),
  };
  const onChange = (event: { currentTarget: { value: string } }) => set(event.currentTarget.value);
  switch (field.kind) {
    case 'choice':
      return (
        <Select
          {...common}
          data={[...(field.choices ?? [])]}
          value={value === '' ? null : value}
          onChange={(chosen) => set(chosen ?? '')}
          searchable={(field.choices?.length ?? 0) > 8}
          allowDeselect={field.optional === true}
        />
      );
    case 'reason':
      return <Textarea {...common} value={value} onChange={onChange} autosize minRows={2} />;
    case 'yes-no':
      return (
        <Switch
          label={field.label}
          checked={value === 'yes'}
          onChange={(event) => set(event.currentTarget.checked ? 'yes' : 'no')}
        />
      );
    default:
      return <TextInput {...common} type={field.kind} value={value} onChange={onChange} />;
  }
}
