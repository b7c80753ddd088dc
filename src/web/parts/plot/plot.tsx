import './plot.css';
import { lazy, Suspense } from 'react';
import { Loading } from '../said/loading.js';
import type { PlotProps } from './plot-values.js';

const Canvas = lazy(() => import('./plot-canvas.js').then(({ PlotCanvas }) => ({ default: PlotCanvas })));

/** A plot, drawn once its library is there. A table with the same numbers stands below it, always. */
export function Plot(props: PlotProps) {
  return (
    <Suspense fallback={<Loading />}>
      <Canvas {...props} />
    </Suspense>
  );
}
