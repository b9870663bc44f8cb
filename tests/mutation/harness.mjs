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

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
const expect = Object.assign(
  (value, message) => chai.expect(value, message),
  chai.expect,
  globalThis[ASYMMETRIC_MATCHERS_OBJECT],
);

/** The two modules as test files see them; `add(name, body)` is called for each test, in the order of the file. */
export function modulesFor(add, propertyRuns) {
  let path = [];
  const describe = (name, body) => {
    const outer = path;
    path = [...outer, name];
    body();
    path = outer;
  };
  const it = (name, ...rest) => add([...path, name].join(' > '), bodyOf(rest));
  it.each =
    (rows) =>
    (name, ...rest) =>
      rows.forEach((row, index) => {
        it(`${name} [${index}]`, () =>
          Array.isArray(row) ? bodyOf(rest)(...row) : bodyOf(rest)(row));
      });
  return { vitest: { describe, it, test: it, expect }, 'fast-check': fewerRuns(propertyRuns) };
}

/** Options and a time limit may stand beside the body; Stryker has a limit of its own. */
const bodyOf = (rest) => rest.find((one) => typeof one === 'function');

function fewerRuns(most) {
  const assert = (property, parameters = {}) =>
    fastCheck.assert(property, {
      ...parameters,
      numRuns: Math.min(parameters.numRuns ?? most, most),
      endOnFailure: true,
    });
  return { ...fastCheck, assert };
}
