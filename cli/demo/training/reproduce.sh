#!/bin/sh
# Rebuilds a model like the demo's: about 80 minutes on two processor cores. Needs what README.md lists, in the
# Python given by PYTHON. SCALE=0.01 makes a useless model quickly, to see that every step works.
# Everything is written to the folder OUT (default: build/speech-model).
set -e
cd "$(dirname "$0")/../../.."
: "${PYTHON:=python3}" "${OUT:=build/speech-model}" "${SCALE:=1}"
for program in espeak-ng ffmpeg "$PYTHON"; do
    command -v "$program" >/dev/null || { echo "reproduce.sh needs $program: install it first." >&2; exit 1; }
done

minutes() { awk "BEGIN { print $1 * $SCALE }"; }
sentences() { awk "BEGIN { x = int($1 * $SCALE / 500) * 500; print x < 500 ? 500 : x }"; }
make() { command=$1; shift; "$PYTHON" -m cli.demo.training "$command" --work "$OUT" "$@"; }
base() { make train "$@"; }
long() { make train --mix long --banks bank.npz,bank2.npz,bank3.npz --stages 0,0 "$@"; }

make synth --seed 1 --bank bank.npz --utterances "$(sentences 12000)"
make synth --seed 2 --bank bank2.npz --utterances "$(sentences 12000)"
make synth --seed 3 --bank bank3.npz --utterances "$(sentences 4000)" --style plain
base --seed 1 --name run1.pt --minutes "$(minutes 28)" --stop "$(minutes 20)" --stages 0.40,0.58
base --seed 2 --name run2.pt --init "$OUT/run1.pt" --minutes "$(minutes 9.7)" --stages 0,0 --lr 1e-3
long --seed 3 --name run3.pt --init "$OUT/run2.pt" --minutes "$(minutes 37)" --stop "$(minutes 8.7)" --lr 1e-3
long --seed 4 --name run4.pt --init "$OUT/run3.pt" --minutes "$(minutes 27)" --stop "$(minutes 6.8)" --lr 1e-3
long --seed 5 --name run5.pt --init "$OUT/run4.pt" --minutes "$(minutes 21.5)" --stop "$(minutes 6.5)" --lr 1e-3 --aim
long --seed 6 --name run6.pt --init "$OUT/run5.pt" --minutes "$(minutes 15.5)" --lr 9e-4 --warmup 10
make train --mix context --banks bank2.npz,bank3.npz --stages 0,0 --seed 7 --name run7.pt --init "$OUT/run6.pt" \
    --minutes "$(minutes 3.3)" --lr 5e-4 --warmup 10 --plain --freeze-encoder
make export --name run7.pt --out "$OUT/model" --quantization int8
"$PYTHON" -m cli.demo.training words >"$OUT/vocabulary_words.txt"
"$PYTHON" -m cli.demo.training evaluate --model "$OUT/model" --json "$OUT/results.json"
