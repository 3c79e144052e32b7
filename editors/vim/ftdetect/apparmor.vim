" SPDX-License-Identifier: MIT OR Apache-2.0
autocmd BufRead,BufNewFile */apparmor.d/* setfiletype apparmor
