declare const brand: unique symbol;

/** A value of type `T` that only its own constructor can make: ids of different things never mix. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type PrincipalId = Brand<string, 'PrincipalId'>;
export type TargetId = Brand<string, 'TargetId'>;
export type GrantId = Brand<string, 'GrantId'>;
export type GatewayId = Brand<string, 'GatewayId'>;
export type ApprovalId = Brand<string, 'ApprovalId'>;
