" Vim compiler file for aalint, the linter for AppArmor profiles.
" `:compiler aalint`, then `:make` checks the file in the buffer and fills the quickfix list.

if exists('current_compiler')
    finish
endif
let current_compiler = 'aalint'

let s:cpo_save = &cpo
set cpo&vim

CompilerSet makeprg=aalint\ check\ --format\ concise\ %:S

" path:line:col: severity[code] name: message
" The first letter of the severity (error, warning, info, hint) becomes the type, the digits of the code the number.
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z][AA%n]\ %m

let &cpo = s:cpo_save
unlet s:cpo_save
