/**
 * What test files import as `vitest` and `fast-check` while mutants run: the same matchers, a plain list of tests, and
 * properties with fewer runs. Tests of domain/ use no more of vitest than this; an import of anything else fails to build.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
} from '@vitest/expect';
import fastCheck from 'fast-check';

const PROPERTY_RUNS = 25;

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
const expect = Object.assign(
  (value, message) => chai.expect(value, message),
  chai.expect,
  globalThis[ASYMMETRIC_MATCHERS_OBJECT],
);

/** The two modules as test files see them; `add(name, body)` is called for each test, in the order of the file. */
export function modulesFor(add) {
  let path = [];
  const describe = (name, body) => {
    const outer = path;
    path = [...outer, name];
    body();
    path = outer;
  };
  const it = (name, body) => add([...path, name].join(' > '), body);
  it.each = (rows) => (name, body) =>
    rows.forEach((row, index) => {
      it(`${name} [${index}]`, () => (Array.isArray(row) ? body(...row) : body(row)));
    });
  return { vitest: { describe, it, test: it, expect }, 'fast-check': fewerRuns() };
}

function fewerRuns() {
  const assert = (property, parameters = {}) =>
    fastCheck.assert(property, {
      ...parameters,
      numRuns: Math.min(parameters.numRuns ?? PROPERTY_RUNS, PROPERTY_RUNS),
      endOnFailure: true,
    });
  return { ...fastCheck, assert };
}
