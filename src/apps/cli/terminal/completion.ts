import { Argument, type Command, Command as NewCommand } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What may be typed after one command of the tree. */
interface Place {
  /** `approvals list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly string[];
}

/** `doorwarden completion SHELL`: prints what makes a shell complete commands and options; made from the commands. */
export function completionCommand(): Command {
  return new NewCommand('completion')
    .description('Print the completion for a shell; see docs/command-line.md for where it goes')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell, _options: unknown, command: Command) => {
      process.stdout.write(completionFor(shell, command.parent ?? command));
    });
}

/** The script; it knows all commands, options and choices, and asks nothing while a person types. */
export function completionFor(shell: Shell, program: Command): string {
  const places = placesOf(program, '');
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return `#compdef doorwarden\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(places)}`;
    default:
      return fishScript(places);
  }
}

function placesOf(command: Command, path: string): readonly Place[] {
  const children = command.commands.map((child) => child.name());
  const options = command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const help = children.length > 0 ? ['help'] : [];
  const own = { path, words: [...children, ...help, ...choices, ...options, '--help'] };
  const below = command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()));
  return [own, ...below];
}

/** Words that are no option name the command; the values of options are mistaken for none that exists. */
function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  const paths = places.map(({ path }) => `'${path}'`).join(' | ');
  return `_doorwarden() {
  local current=\${COMP_WORDS[COMP_CWORD]} path= next word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case $next in
    ${paths}) path=$next ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=()
  for word in $words; do
    case $word in "$current"*) COMPREPLY+=("$word") ;; esac
  done
  if [ \${#COMPREPLY[@]} -eq 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _doorwarden doorwarden
`;
}

function fishScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    case '${path}'\n      string join \\n ${words.join(' ')}`);
  const paths = places.map(({ path }) => `'${path}'`).join(' ');
  return `function __doorwarden_words
  set -l path ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    contains -- $next ${paths}; and set path $next
  end
  switch $path
${cases.join('\n')}
  end
end
complete -c doorwarden -f -a '(__doorwarden_words)'
complete -c doorwarden -n '__fish_seen_subcommand_from verify replay' -F
`;
}
