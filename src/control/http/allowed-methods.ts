/** Calls as the API's description names them: `DELETE /v1/principals/{name}/keys/{id}`. */
export type CallName = string;

/** The methods that a path takes, sorted, or undefined when there is no such path. HEAD goes wherever GET goes. */
export function allowedMethods(path: string, calls: readonly CallName[]): readonly string[] | undefined {
  const methods = calls.flatMap((call) => {
    const [method = '', template = ''] = call.split(' ');
    if (!fits(path, template)) return [];
    return method === 'GET' ? ['GET', 'HEAD'] : [method];
  });
  return methods.length === 0 ? undefined : [...new Set(methods)].toSorted();
}

/** As the router sees it: letter case and one slash at the end make no difference. */
function fits(path: string, template: string): boolean {
  const [given, wanted] = [path, template].map((text) => text.replace(/(?<=.)\/$/, '').split('/'));
  if (given === undefined || wanted === undefined || given.length !== wanted.length) return false;
  return wanted.every((part, index) => {
    const said = given[index] ?? '';
    return part.startsWith('{') ? said !== '' : part.toLowerCase() === said.toLowerCase();
  });
}
