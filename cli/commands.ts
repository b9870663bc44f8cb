/**
 * The registry of the command line: `perennial <noun> <verb>`, or `perennial <verb>` where there
 * is no noun.
 *
 * To add a command:
 * 1. write `cli/<noun>/<verb>.ts` (or `cli/<verb>.ts` where there is no noun) that exports
 *    `register(command: Command, context: CommandContext): void`. The command it is given already
 *    bears its name, its summary and the global options; `register` adds arguments, options and the
 *    action:
 *
 *        export function register(command: Command, context: CommandContext): void {
 *          command
 *            .argument('<book>', 'folder of CSV files, or .xlsx workbook')
 *            .requiredOption('--run <date>', 'the run date, YYYY-MM-DD')
 *            .action(async (book: string, options: { run: string }) => {
 *              const answer = preview(await loadBook(book, context), options.run);
 *              context.output.answer(answer, () => talkAbout(answer)); // JSON, or words for people
 *              // context.finish(EXIT.partly) for another exit code than 0
 *            });
 *        }
 *
 * 2. add one line to {@link COMMANDS} (and the noun to {@link NOUNS} if it is new). A file that
 *    holds several verbs exports one object `{ register }` each: `load: async () => (await
 *    import('./key/verbs.ts')).create`.
 *
 * Modules are imported only when their command runs or shows its own help, so `--help` stays quick:
 * import heavy things (servers, databases, Temporal) there and nowhere in cli/main.ts.
 *
 * What is wrong is thrown as a {@link CommandError} with its exit code (cli/context.ts); any other
 * error exits 1. Paths given by the person go through `context.path(...)`. Data goes to stdout only
 * through `context.output.answer`; all else through `context.output.say` or `.warn` (stderr under
 * --json).
 */
import type { Command } from 'commander';
import type { CommandContext } from './context.ts';

export interface CommandModule {
  register(command: Command, context: CommandContext): void;
}

export interface CommandEntry {
  readonly noun?: keyof typeof NOUNS;
  readonly verb: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** What the first word names, as `perennial --help` lists it. */
export const NOUNS = {
  run: 'bill runs: preview, start, status, submit, approve, refuse',
  contract: 'contracts: list, show, amend, hold, release, grace, terminate, reinstate',
  clock: 'rehearsals: show, advance',
  findings: 'discrepancies with money at stake: run, list, show, assign, accept, preview, act',
  key: 'API keys: create, revoke',
  webhook: 'signed test events: trigger',
  book: 'the contract book: check, preview, findings, forecast, template, import, undo, remove-sample, export',
  invoice: 'invoices: render, list, show, credit, void, resend',
  license:
    'licenses: key pairs, issue, verify, inspect, revoke; all offline; rotate, retire, reissue, evaluate',
  audit: 'the audit trail: verify',
  ledger: 'the books: export, close, bank-balance',
  payment: 'money received: allocate, import, remittance, list, apply, refund',
  order: 'customers’ purchase orders: read',
} as const;

export const COMMANDS: readonly CommandEntry[] = [
  {
    noun: 'findings',
    verb: 'run',
    summary: 'look over the books now, and wait for what comes of it',
    load: async () => (await import('./findings/verbs.ts')).run,
  },
  {
    noun: 'findings',
    verb: 'list',
    summary: 'what is missing, most money first',
    load: async () => (await import('./findings/verbs.ts')).list,
  },
  {
    noun: 'findings',
    verb: 'show',
    summary: 'one finding: both sides, what can be done, what happened',
    load: async () => (await import('./findings/verbs.ts')).show,
  },
  {
    noun: 'findings',
    verb: 'assign',
    summary: 'take a finding on, or give it to a colleague',
    load: async () => (await import('./findings/verbs.ts')).assign,
  },
  {
    noun: 'findings',
    verb: 'accept',
    summary: 'let a finding be through a day, with a reason',
    load: async () => (await import('./findings/verbs.ts')).accept,
  },
  {
    noun: 'findings',
    verb: 'preview',
    summary: 'what an action would change, before and after; writes nothing',
    load: async () => (await import('./findings/verbs.ts')).preview,
  },
  {
    noun: 'findings',
    verb: 'act',
    summary: 'do what the preview shows, with a reason; money waits for a second person',
    load: async () => (await import('./findings/verbs.ts')).act,
  },
  {
    noun: 'book',
    verb: 'check',
    summary: 'check a contract book row by row; writes nothing',
    load: () => import('./book/check.ts'),
  },
  {
    noun: 'book',
    verb: 'preview',
    summary: 'what a bill run would issue, computed from the book alone',
    load: () => import('./book/preview.ts'),
  },
  {
    noun: 'book',
    verb: 'forecast',
    summary: 'expected billings, cash and earned revenue of the coming months',
    load: () => import('./book/forecast.ts'),
  },
  {
    noun: 'book',
    verb: 'findings',
    summary: 'what is wrong in a book, and the money at stake',
    load: () => import('./book/findings.ts'),
  },
  {
    noun: 'book',
    verb: 'import',
    summary: 'bring a book into the database, whole or not at all',
    load: () => import('./book/import.ts'),
  },
  {
    noun: 'book',
    verb: 'template',
    summary: 'files to fill in, with an example row and notes',
    load: () => import('./book/template.ts'),
  },
  {
    noun: 'book',
    verb: 'undo',
    summary: 'take the last import back while nothing has been issued from it',
    load: () => import('./book/undo.ts'),
  },
  {
    noun: 'book',
    verb: 'remove-sample',
    summary: 'take the sample company out and begin with your own, while nothing was issued',
    load: () => import('./book/remove-sample.ts'),
  },
  {
    noun: 'book',
    verb: 'export',
    summary: 'write everything in the database as a book',
    load: () => import('./book/export.ts'),
  },
  {
    noun: 'payment',
    verb: 'remittance',
    summary: 'read a remittance advice: text, mail, PDF or scan; it proposes, nothing is booked',
    load: () => import('./payment/remittance.ts'),
  },
  {
    noun: 'order',
    verb: 'read',
    summary:
      'read a purchase order and compare it with the renewal it answers; exit 3 when they differ',
    load: () => import('./order/read.ts'),
  },
  {
    noun: 'ledger',
    verb: 'export',
    summary: 'the books for hledger, beancount or a spreadsheet',
    load: () => import('./ledger/export.ts'),
  },
  {
    noun: 'ledger',
    verb: 'close',
    summary: 'close a month or a day; later events go to the first open day',
    load: () => import('./ledger/close.ts'),
  },
  {
    noun: 'ledger',
    verb: 'bank-balance',
    summary: 'the bank’s balance against the ledger’s; exit 1 when they differ unexplained',
    load: () => import('./ledger/bank-balance.ts'),
  },
  {
    noun: 'audit',
    verb: 'verify',
    summary: 'check that the audit trail is whole and the books agree; exit 1 when not',
    load: () => import('./audit/verify.ts'),
  },
  {
    verb: 'explain',
    summary: 'why each amount of a contract is what it is, step by step',
    load: () => import('./explain.ts'),
  },
  {
    noun: 'invoice',
    verb: 'render',
    summary: 'print an invoice as PDF, HTML, UBL, CII or Factur-X',
    load: () => import('./invoice/render.ts'),
  },
  {
    noun: 'license',
    verb: 'keys',
    summary: 'the key pairs of this installation: which signs, which are accepted',
    load: async () => (await import('./license/ring.ts')).keys,
  },
  {
    noun: 'license',
    verb: 'rotate',
    summary: 'make a new key pair that signs from now on; the others stay accepted',
    load: async () => (await import('./license/ring.ts')).rotate,
  },
  {
    noun: 'license',
    verb: 'retire',
    summary: 'refuse what an earlier key pair signed',
    load: async () => (await import('./license/ring.ts')).retire,
  },
  {
    noun: 'contract',
    verb: 'grace',
    summary: 'let licenses run on unpaid through a day, within the limit, with a reason',
    load: async () => (await import('./contract/verbs.ts')).grace,
  },
  {
    noun: 'license',
    verb: 'reissue',
    summary: 'send a customer’s lost key again, or replace a leaked one',
    load: () => import('./license/reissue.ts'),
  },
  {
    noun: 'license',
    verb: 'evaluate',
    summary: 'issue an evaluation license to an account, before any contract',
    load: () => import('./license/evaluate.ts'),
  },
  {
    noun: 'license',
    verb: 'keygen',
    summary: 'make the key pair that signs licenses',
    load: () => import('./license/keygen.ts'),
  },
  {
    noun: 'license',
    verb: 'issue',
    summary: 'sign a license key or a license file',
    load: () => import('./license/issue.ts'),
  },
  {
    noun: 'license',
    verb: 'verify',
    summary: 'check a license offline; exit 1 when it is not valid',
    load: () => import('./license/verify.ts'),
  },
  {
    noun: 'license',
    verb: 'inspect',
    summary: 'show what a license says, without checking it',
    load: () => import('./license/inspect.ts'),
  },
  {
    noun: 'license',
    verb: 'revoke',
    summary: 'put a license onto a signed revocation list',
    load: () => import('./license/revoke.ts'),
  },
  {
    noun: 'payment',
    verb: 'allocate',
    summary: 'tell which open invoices a payment pays; writes nothing',
    load: () => import('./payment/allocate.ts'),
  },
  {
    verb: 'start',
    summary: 'start everything on this machine: database, Temporal, mail, worker, API',
    load: () => import('./start.ts'),
  },
  {
    verb: 'demo',
    summary: 'live through a year of a dozen customers, told step by step; removable',
    load: () => import('./demo.ts'),
  },
  {
    verb: 'api',
    summary: 'run one API process in the foreground',
    load: async () => (await import('./processes.ts')).api,
  },
  {
    verb: 'worker',
    summary: 'run one worker process in the foreground',
    load: async () => (await import('./processes.ts')).worker,
  },
  {
    verb: 'migrate',
    summary: 'bring the database to the present schema',
    load: () => import('./migrate.ts'),
  },
  {
    verb: 'doctor',
    summary: 'what is installed, reachable, migrated, configured; what to do about the rest',
    load: () => import('./doctor.ts'),
  },
  {
    noun: 'run',
    verb: 'preview',
    summary: 'what a month’s run would bill; writes nothing',
    load: async () => (await import('./run/verbs.ts')).preview,
  },
  {
    noun: 'run',
    verb: 'start',
    summary: 'compute a month’s run for review',
    load: async () => (await import('./run/verbs.ts')).start,
  },
  {
    noun: 'run',
    verb: 'status',
    summary: 'where a run stands, and its exceptions',
    load: async () => (await import('./run/verbs.ts')).status,
  },
  {
    noun: 'run',
    verb: 'submit',
    summary: 'freeze the numbers and ask a second person',
    load: async () => (await import('./run/verbs.ts')).submit,
  },
  {
    noun: 'run',
    verb: 'approve',
    summary: 'approve the numbers that were shown; issuing begins',
    load: async () => (await import('./run/verbs.ts')).approve,
  },
  {
    noun: 'run',
    verb: 'refuse',
    summary: 'send a submitted run back to review',
    load: async () => (await import('./run/verbs.ts')).refuse,
  },
  {
    noun: 'contract',
    verb: 'list',
    summary: 'contracts and where they stand',
    load: async () => (await import('./contract/verbs.ts')).list,
  },
  {
    noun: 'contract',
    verb: 'show',
    summary: 'one contract’s past, present and plan',
    load: async () => (await import('./contract/verbs.ts')).show,
  },
  {
    noun: 'contract',
    verb: 'amend',
    summary: 'agree on a dated change',
    load: async () => (await import('./contract/verbs.ts')).amend,
  },
  {
    noun: 'contract',
    verb: 'hold',
    summary: 'stop billing it',
    load: async () => (await import('./contract/verbs.ts')).hold,
  },
  {
    noun: 'contract',
    verb: 'release',
    summary: 'bill it again',
    load: async () => (await import('./contract/verbs.ts')).release,
  },
  {
    noun: 'contract',
    verb: 'terminate',
    summary: 'end it after a day',
    load: async () => (await import('./contract/verbs.ts')).terminate,
  },
  {
    noun: 'contract',
    verb: 'reinstate',
    summary: 'bring a lapsed one back',
    load: async () => (await import('./contract/verbs.ts')).reinstate,
  },
  {
    noun: 'invoice',
    verb: 'list',
    summary: 'issued invoices',
    load: async () => (await import('./invoice/verbs.ts')).list,
  },
  {
    noun: 'invoice',
    verb: 'show',
    summary: 'one invoice with its lines',
    load: async () => (await import('./invoice/verbs.ts')).show,
  },
  {
    noun: 'invoice',
    verb: 'credit',
    summary: 'ask for a credit note; a second person approves',
    load: async () => (await import('./invoice/verbs.ts')).credit,
  },
  {
    noun: 'invoice',
    verb: 'void',
    summary: 'void an invoice that was not sent',
    load: async () => (await import('./invoice/verbs.ts')).voidInvoice,
  },
  {
    noun: 'invoice',
    verb: 'resend',
    summary: 'send its mail again',
    load: async () => (await import('./invoice/verbs.ts')).resend,
  },
  {
    noun: 'payment',
    verb: 'import',
    summary: 'import a bank’s statements; nothing is booked twice',
    load: () => import('./payment/import.ts'),
  },
  {
    noun: 'payment',
    verb: 'list',
    summary: 'money received, and what became of it',
    load: async () => (await import('./payment/verbs.ts')).list,
  },
  {
    noun: 'payment',
    verb: 'apply',
    summary: 'decide what a payment pays',
    load: async () => (await import('./payment/verbs.ts')).apply,
  },
  {
    noun: 'payment',
    verb: 'refund',
    summary: 'ask to give unapplied credit back',
    load: async () => (await import('./payment/verbs.ts')).refund,
  },
  {
    noun: 'clock',
    verb: 'show',
    summary: 'test clocks and the day it is in each',
    load: async () => (await import('./clock/verbs.ts')).show,
  },
  {
    noun: 'clock',
    verb: 'advance',
    summary: 'move a test clock; what is due happens in order',
    load: async () => (await import('./clock/verbs.ts')).advance,
  },
  {
    noun: 'key',
    verb: 'create',
    summary: 'make an API key of a user; shown once',
    load: async () => (await import('./key/verbs.ts')).create,
  },
  {
    noun: 'key',
    verb: 'revoke',
    summary: 'revoke an API key',
    load: async () => (await import('./key/verbs.ts')).revoke,
  },
  {
    noun: 'webhook',
    verb: 'trigger',
    summary: 'send a signed, Stripe-shaped test event to the API',
    load: () => import('./webhook/trigger.ts'),
  },
  {
    verb: 'backup',
    summary: 'all of an instance that is stopped, in one file',
    load: () => import('./backup/backup.ts'),
  },
  {
    verb: 'restore',
    summary: 'an instance as a backup holds it',
    load: () => import('./backup/restore.ts'),
  },
];
