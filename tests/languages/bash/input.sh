#!/usr/bin/env bash

# Prints a message.
#
# Arguments: the message
# shellcheck disable=SC2039
log() {
  local text="$1"
  printf '%s\n' "$(format "$text")"
}

# A blank line parts this from the function.

function plain {
  log "x" | grep x
}

x=1 # not a doc
function both() (
  inner() { :; }
  inner
)

# Holds what the grammar does not know.
cut() {
  out=${out:+$out;}1
  rest=${line:0:$n + 1}
}
