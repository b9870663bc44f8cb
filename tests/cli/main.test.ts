import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandEntry } from '../../cli/commands.ts';
import { CommandError, EXIT, type GlobalOptions } from '../../cli/context.ts';
import { main } from '../../cli/main.ts';
import { textTable } from '../../cli/output.ts';

async function run(
  argv: readonly string[],
  commands: readonly CommandEntry[] = COMMANDS,
  env = {},
) {
  const written = { out: '', err: '' };
  const code = await main(
    argv,
    {
      stdout: { write: (text) => (written.out += text) },
      stderr: { write: (text) => (written.err += text) },
      env,
      workingDirectory: '/desk',
    },
    commands,
  );
  return { code, ...written };
}

/** A command that answers the global options and the path it was given. */
function probe(act: () => void = () => undefined): CommandEntry {
  return {
    noun: 'book',
    verb: 'probe',
    summary: 'answers what it was given',
    load: async () => ({
      register: (command, context) =>
        void command
          .argument('<path>')
          .option('--run <date>')
          .action((path: string, own: { run?: string }) => {
            act();
            const answer = { options: context.options, path: context.path(path), run: own.run };
            context.output.say('talk');
            context.output.answer(answer, () => 'words');
          }),
    }),
  };
}

describe('the perennial command', () => {
  const expected: GlobalOptions = {
    json: true,
    yes: true,
    reason: 'audit',
    dryRun: true,
    profile: 'test',
  };
  const globals = ['--json', '--yes', '--reason', 'audit', '--dry-run', '--profile', 'test'];

  it.each([
    ['before', [...globals, 'book', 'probe', 'x', '--run', '2026-11-15']],
    ['between', ['book', ...globals, 'probe', '--run', '2026-11-15', 'x']],
    ['after', ['book', 'probe', '--run', '2026-11-15', 'x', ...globals]],
  ])('takes global options %s noun and verb', async (_where, argv) => {
    const { code, out, err } = await run(argv, [probe()]);
    expect(JSON.parse(out)).toEqual({ options: expected, path: '/desk/x', run: '2026-11-15' });
    expect(err).toBe('talk\n');
    expect(code).toBe(EXIT.done);
  });

  it('writes for people without --json, and resolves against INIT_CWD', async () => {
    expect((await run(['book', 'probe', 'x'], [probe()])).out).toBe('talk\nwords\n');
    const { out } = await run(['book', 'probe', 'x', '--json'], [probe()], {
      INIT_CWD: '/home/me',
    });
    expect(JSON.parse(out).path).toBe('/home/me/x');
  });

  it.each([
    ['an unknown noun', ['nope']],
    ['an unknown verb', ['book', 'nope']],
    ['an unknown option', ['book', 'probe', 'x', '--nope']],
    ['a missing argument', ['book', 'probe']],
    ['too many arguments', ['book', 'probe', 'x', 'y']],
    ['no verb', ['book']],
    ['nothing at all', []],
  ])('exits 2 on %s', async (_name, argv) => {
    const { code, err, out } = await run(argv, [probe()]);
    expect(code).toBe(EXIT.input);
    expect(err).not.toBe('');
    expect(out).toBe('');
  });

  it('exits as a command error says, 1 on any other, in one sentence; the stack only on request', async () => {
    const refused = () => {
      throw new CommandError('the maker may not approve', EXIT.refused);
    };
    const broken = () => {
      throw new TypeError('boom');
    };
    expect(await run(['book', 'probe', 'x'], [probe(refused)])).toEqual({
      code: 4,
      out: '',
      err: 'error: the maker may not approve\n',
    });
    const plain = await run(['book', 'probe', 'x'], [probe(broken)]);
    expect(plain).toEqual({ code: 1, out: '', err: 'error: boom\n' });
    const debug = await run(['book', 'probe', 'x'], [probe(broken)], { PERENNIAL_DEBUG: '1' });
    expect(debug.err).toContain('at ');
  });

  it('says of a failed query what the database said, and nothing of its values', async () => {
    const failed = (cause: Error) =>
      run(
        ['book', 'probe', 'x'],
        [
          probe(() => {
            throw new Error('Failed query: insert into accounts\nparams: hunter2', { cause });
          }),
        ],
      );
    const refused = await failed(new Error('permission denied for table accounts'));
    expect([refused.code, refused.err]).toEqual([
      1,
      'error: permission denied for table accounts\n',
    ]);
    const full = await failed(Object.assign(new Error('x'), { code: '53100' }));
    expect([full.code, full.err]).toEqual([1, expect.stringContaining('database’s disk is full')]);
  });

  it('has help for every command, and every command can be loaded', async () => {
    const nouns = new Set(COMMANDS.map(({ noun }) => noun));
    for (const noun of nouns)
      if (noun !== undefined) expect((await run([noun, '--help'])).code).toBe(EXIT.done);
    for (const { noun, verb, summary } of COMMANDS) {
      const path = noun === undefined ? [verb] : [noun, verb];
      const help = await run([...path, '--help']);
      expect(help.code).toBe(EXIT.done);
      expect(help.out.replace(/\s+/g, ' ')).toContain(summary);
      expect((await run(['help', ...path])).out).toBe(help.out);
    }
  });

  it('pads a table to its widest cells and keeps each row on one line', () => {
    const rows = [
      { name: 'a\nb', amount: '1' },
      { name: 'longer', amount: '200' },
    ];
    const text = textTable(rows, [
      { header: 'name', value: ({ name }) => name },
      { header: 'sum', value: ({ amount }) => amount, align: 'right' },
    ]);
    expect(text.split('\n')).toEqual(['name    sum', '------  ---', 'a b       1', 'longer  200']);
  });
});
