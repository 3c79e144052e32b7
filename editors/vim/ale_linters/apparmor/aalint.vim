" The language server of aalint for ALE.
" SPDX-License-Identifier: MIT OR Apache-2.0

function! s:ProjectRoot(buffer) abort
  let l:config = ale#path#FindNearestFile(a:buffer, 'aalint.toml')
  return empty(l:config) ? fnamemodify(bufname(a:buffer), ':p:h') : fnamemodify(l:config, ':h')
endfunction

call ale#linter#Define('apparmor', {
      \ 'name': 'aalint',
      \ 'lsp': 'stdio',
      \ 'executable': 'aalint',
      \ 'command': '%e lsp',
      \ 'project_root': function('s:ProjectRoot'),
      \ })
