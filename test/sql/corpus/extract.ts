/**
 * The SQL statements in a script of MariaDB's `mysqltest`: its own commands, and what has its variables in it, are left
 * out. Bytes in, bytes out, each as one character of a `latin1` string, since the scripts are in many character sets.
 *
 * https://mariadb.com/kb/en/mysqltest-language-reference/
 */
export function statementsOf(script: string): readonly string[] {
  const statements: string[] = [];
  let delimiter = ';';
  let at = 0;
  while (at < script.length) {
    const line = lineAt(script, at);
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('--')) {
      at = behindBlock(script, at + line.length + 1, trimmed.replace(/^--\s*/, ''));
      continue;
    }
    const bracket = /^\s*[{}]/.exec(line);
    if (bracket !== null) {
      at += bracket[0].length;
      continue;
    }
    const control = /^\s*(?:if|while)\s*\(/i.exec(line);
    if (control !== null && delimiter === ';') {
      at = Math.max(script.indexOf('{', at) + 1, at + line.length + 1);
      continue;
    }
    const end = endOfStatement(script, at, delimiter);
    const text = script.slice(at, end).trim();
    at = end + delimiter.length;
    const newDelimiter = /^delimiter\s*(\S+)/i.exec(text);
    if (newDelimiter !== null) {
      delimiter = newDelimiter[1] ?? ';';
      continue;
    }
    const statement = sqlIn(text);
    if (statement !== null) statements.push(statement);
    else at = behindBlock(script, at, text);
  }
  return statements;
}

const COMMANDS = new Set(
  `append_file assert cat_file change_user character_set chmod connect connection copy_file copy_files_wildcard dec
  diff_files die dirty_close disconnect echo end_timer error eval_result evalp exec exec_in_background execw exit expr
  file_exists force-cpdir force-rmdir horizontal_results inc let list_files list_files_append_file list_files_write_file
  lowercase_result mkdir move_file optimizer_trace output perl ping real_sleep reap remove_file remove_files_wildcard
  replace_column replace_numeric_round replace_regex replace_result require reset_connection result_format rmdir
  save_master_pos send_quit send_shutdown shutdown_server skip sleep sorted_result source start_timer sync_slave_with_master
  sync_with_master system vertical_results wait_for_slave_to_stop write_file write_line`.split(/\s+/),
);
const PREFIXES = /^(?:eval|send|send_eval|query|query_vertical|query_horizontal|p|prepare_only)\s+/i;
const BLOCKS = /^(?:perl|write_file|append_file)\b/i;

/** The statement that mysqltest would send; null for its own commands. */
function sqlIn(text: string): string | null {
  const word = (/^[\w-]+/.exec(text)?.[0] ?? '').toLowerCase();
  if (text === '' || COMMANDS.has(word) || word.startsWith('enable_') || word.startsWith('disable_')) return null;
  const prefix = PREFIXES.exec(text);
  if (prefix === null) return text;
  // eval puts the values of its variables in; without them the statement means nothing.
  return text.includes('$') ? null : text.slice(prefix[0].length);
}

function lineAt(script: string, at: number): string {
  const end = script.indexOf('\n', at);
  return script.slice(at, end === -1 ? script.length : end);
}

/** Some commands carry text up to a line with EOF, or another word that they name last. */
function behindBlock(script: string, at: number, command: string): number {
  if (!BLOCKS.test(command)) return at;
  const word = /\s([A-Z_]+);?$/.exec(command)?.[1] ?? 'EOF';
  const end = script.indexOf(`\n${word}`, at);
  return end === -1 ? script.length : end + word.length + 2;
}

/** Where the delimiter stands outside of quotes. */
function endOfStatement(script: string, from: number, delimiter: string): number {
  let quote = '';
  for (let at = from; at < script.length; at += 1) {
    const character = script.charAt(at);
    if (quote !== '') {
      if (character === '\\' && quote !== '`') at += 1;
      else if (character === quote) quote = '';
    } else if (script.startsWith(delimiter, at)) {
      return at;
    } else if (character === "'" || character === '"' || character === '`') {
      quote = character;
    }
  }
  return script.length;
}
