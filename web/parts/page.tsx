/** The head of a page and the panels on it. */
import { Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Go } from './link.tsx';

interface HeadProps {
  readonly title: string;
  /** Shown beside the title: a state. */
  readonly beside?: ReactNode;
  readonly below?: ReactNode;
  readonly trail?: readonly { readonly to: string; readonly words: string }[];
  readonly actions?: ReactNode;
}

export function PageHead({ title, beside, below, trail, actions }: HeadProps) {
  useEffect(() => {
    document.title = `${title} · Perennial`;
  }, [title]);
  return (
    <Stack gap={4} mb="lg">
      {trail !== undefined && (
        <Breadcrumbs className="small no-print" separatorMargin={6}>
          {trail.map((step) => (
            <Go key={step.to} to={step.to} className="small" c="var(--dim)">
              {step.words}
            </Go>
          ))}
          <span />
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4}>
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {below !== undefined && <Text className="dim">{below}</Text>}
        </Stack>
        {actions !== undefined && <div className="act-bar">{actions}</div>}
      </Group>
    </Stack>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly beside?: ReactNode;
  /** Tables reach the panel's edges. */
  readonly flush?: boolean;
  readonly children: ReactNode;
  readonly label?: string;
}

export function Panel({ title, beside, flush = false, children, label }: PanelProps) {
  return (
    <section className={flush ? 'panel flush' : 'panel'} aria-label={label}>
      {title !== undefined && (
        <div className="panel-head" style={flush ? {} : { padding: '0 0 12px' }}>
          <h2>{title}</h2>
          {beside}
        </div>
      )}
      {children}
    </section>
  );
}

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** Facts with their names; those without a value are left out. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const given = facts.filter(({ value }) => value !== null && value !== undefined && value !== '');
  return (
    <dl className="facts">
      {given.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A figure among others in one panel. */
export function BareFigure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <div className="small dim">{name}</div>
      <div className="figure-value">{value}</div>
    </div>
  );
}

export function Figure({
  name,
  value,
  below,
}: {
  name: string;
  value: ReactNode;
  below?: ReactNode;
}) {
  return (
    <div className="panel">
      <div className="small dim">{name}</div>
      <div className="figure-value">{value}</div>
      {below !== undefined && <div className="small dim">{below}</div>}
    </div>
  );
}
