import { type CallHandler, type ExecutionContext, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { type Observable, tap } from 'rxjs';

class LocationInterceptor<View> implements NestInterceptor<View, View> {
  constructor(private readonly pathOf: (view: View) => string) {}

  intercept(context: ExecutionContext, next: CallHandler<View>): Observable<View> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(tap((view) => response.setHeader('Location', this.pathOf(view))));
  }
}

/** The answer says in `Location` where what was made can be looked at. */
export function Located(pathOf: (view: never) => string): MethodDecorator {
  return UseInterceptors(new LocationInterceptor(pathOf));
}
