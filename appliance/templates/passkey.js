// Placeholder: the passkey dialogue's script comes with the room that makes and reads its answers.
"use strict";
