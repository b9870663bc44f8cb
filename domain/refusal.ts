/**
 * A refusal of the rules: facts that contradict each other or are missing. It carries a stable code and says what to
 * correct; a bill run sets the contract aside with it and goes on (billing rules §4).
 */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, reason: string) {
    super(reason);
    this.name = 'Refusal';
    this.code = code;
  }
}
