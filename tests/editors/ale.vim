" What the language server does in Vim with ALE: vim -es -u NONE -S ale.vim, in a directory with a policy. `ale.txt` tells what came of it.

set nocompatible hidden
let &runtimepath = $AALINT_ROOT . '/editors/vim,' . $ALE . ',' . &runtimepath
filetype plugin on
let g:ale_fixers = {}
let g:ale_lint_on_text_changed = 'never'
runtime plugin/ale.vim
let s:told = []

function! s:Check(name, holds, seen) abort
  call add(s:told, (a:holds ? 'ok ' : 'FAILED ') . a:name . (a:holds ? '' : ': ' . string(a:seen)))
  if !a:holds
    call writefile(s:told, 'ale.txt')
    cquit
  endif
endfunction

function! s:Findings() abort
  return join(sort(map(copy(ale#engine#GetLoclist(bufnr(''))), 'v:val.lnum'), 'n'), ' ')
endfunction

edit apparmor.d/web
call s:Check('the file type is known', &filetype ==# 'apparmor', &filetype)
ALELint
let s:tries = 0
while s:Findings() !=# $EXPECTED && s:tries < 200
  sleep 50m
  let s:tries += 1
endwhile
call s:Check('its diagnostics are those of check', s:Findings() ==# $EXPECTED, [s:Findings(), $EXPECTED])
let s:first = ale#engine#GetLoclist(bufnr(''))[0]
call s:Check('they say which rule it is', get(s:first, 'code', '') =~# '^[a-z-]\+$', s:first)
call writefile(s:told, 'ale.txt')
quitall!
