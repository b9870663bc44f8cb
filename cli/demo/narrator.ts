/** Tells what happens, step by step: each with the day it is in the story and where to look at it. */
import type { CommandContext } from '../context.ts';

export interface Step {
  readonly step: number;
  /** Names the step for scripts: `run-approved`, `reminder`, `partial-payment` … */
  readonly what: string;
  readonly on: string;
  readonly title: string;
  readonly words: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  /** What the step is about, for scripts: numbers, subcontracts, subjects. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export class Narrator {
  readonly steps: Step[] = [];
  private readonly say: (text: string) => void;

  constructor(context: CommandContext) {
    this.say = context.output.say;
  }

  tell(told: Omit<Step, 'step'>): void {
    const step = { step: this.steps.length + 1, ...told };
    this.steps.push(step);
    const width = Math.max(0, ...Object.keys(step.links).map((name) => name.length));
    const links = Object.entries(step.links).map(
      ([name, url]) => `     ${name.padEnd(width)}  ${url}`,
    );
    const words = step.words.map((line) => `     ${line}`);
    const head = `${String(step.step).padStart(3)}. ${step.on}  ${step.title}`;
    this.say([head, ...words, ...links, ''].join('\n'));
  }
}
