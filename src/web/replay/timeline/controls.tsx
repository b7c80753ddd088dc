import { ArrowDownToLine, Pause, Play } from 'lucide-react';
import { Button } from '../../parts/form/button.js';
import { texts } from '../../texts/en.js';
import { PACES } from './times.js';
import type { Player } from './use-player.js';

export interface ControlsProps {
  readonly player: Player;
  readonly isLive: boolean;
  readonly follows: boolean;
  readonly onFollow: () => void;
  /** How many entries come after the chosen one. */
  readonly below: number;
}

/** Playing, its pace, and following what goes on. */
export function Controls({ player, isLive, follows, onFollow, below }: ControlsProps) {
  const { isPlaying, pace, toggle, choosePace } = player;
  return (
    <div className="replay-controls">
      <Button icon={isPlaying ? <Pause aria-hidden /> : <Play aria-hidden />} onClick={toggle}>
        {isPlaying ? texts.replay.pause : texts.replay.play}
      </Button>
      <div className="replay-paces" role="group" aria-label={texts.replay.pace}>
        {PACES.map((one) => (
          <button key={one} type="button" aria-pressed={pace === one} onClick={() => choosePace(one)}>
            {texts.replay.paceOf(one)}
          </button>
        ))}
      </div>
      {isLive ? (
        <>
          <Button
            icon={<ArrowDownToLine aria-hidden />}
            aria-pressed={follows}
            className={follows ? 'main' : ''}
            title={texts.replay.followHint}
            onClick={onFollow}
          >
            {texts.replay.follow}
          </Button>
          <span className="soft">{follows || below === 0 ? texts.replay.live : texts.replay.behind(below)}</span>
        </>
      ) : null}
    </div>
  );
}
