import type { Abstract, FactoryProvider, Type } from '@nestjs/common';

/** What Nest injects for each part: an instance of the part's class, or what a symbol stands for. */
export type PartTokens<Parts> = { readonly [Name in keyof Parts]: Type<Parts[Name]> | Abstract<Parts[Name]> | symbol };

/** Provides a class that knows nothing of Nest and takes its parts in one object. */
export function fromParts<Made extends Type>(
  made: Made,
  tokens: PartTokens<ConstructorParameters<Made>[0]>,
): FactoryProvider<InstanceType<Made>> {
  const names = Object.keys(tokens);
  return {
    provide: made,
    inject: Object.values(tokens),
    useFactory: (...parts) => new made(Object.fromEntries(names.map((name, index) => [name, parts[index]]))),
  };
}
