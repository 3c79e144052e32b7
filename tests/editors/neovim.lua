-- What the language server does in a real Neovim: `nvim --headless -u INIT -l neovim.lua` in a directory with a policy.
-- INIT is what docs/lsp.md prints. Each check says its name; the first that fails ends it with exit status 1.

local function check(name, holds, seen)
  if not holds then
    io.stderr:write("FAILED " .. name .. ": " .. vim.inspect(seen) .. "\n")
    os.exit(1)
  end
  io.stdout:write("ok " .. name .. "\n")
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

local function codes()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(found, one.code)
  end
  table.sort(found)
  return table.concat(found, " ")
end

-- Asks the server, and waits for its answer.
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 10000)
  for _, answer in pairs(answers or {}) do
    check(method .. " is answered", answer.err == nil, answer.err)
    return answer.result
  end
  check(method .. " is answered", false, answers)
end

local function at(line, column)
  vim.api.nvim_win_set_cursor(0, { line, column })
  return vim.lsp.util.make_position_params(0, "utf-8")
end

-- The code actions at a line, by title.
local function actions(line, only)
  local params = vim.lsp.util.make_range_params(0, "utf-8")
  params.range = { start = { line = line - 1, character = 0 }, ["end"] = { line = line, character = 0 } }
  local diagnostics = {}
  for _, one in ipairs(vim.diagnostic.get(0, { lnum = line - 1 })) do
    table.insert(diagnostics, one.user_data.lsp)
  end
  params.context = { diagnostics = diagnostics, only = only }
  local found = {}
  for _, action in ipairs(ask("textDocument/codeAction", params) or {}) do
    found[action.title] = action
  end
  return found
end

local function apply(action)
  if not action.edit then
    action = ask("codeAction/resolve", action)
  end
  vim.lsp.util.apply_workspace_edit(action.edit, "utf-8")
end

vim.cmd.edit("apparmor.d/web")
check("the file type is known", vim.bo.filetype == "apparmor", vim.bo.filetype)
check("the server is attached", vim.wait(10000, function()
  return #vim.lsp.get_clients({ bufnr = 0 }) > 0
end), vim.lsp.get_clients())
local expected = vim.env.EXPECTED
check("its diagnostics are those of check", vim.wait(10000, function()
  return codes() == expected
end), { codes(), expected })

-- A quick fix: line 7 is `#include <abstractions/base>`.
local found = actions(7, { "quickfix" })
local quick = found["Write `include`"]
check("a quick fix is offered", quick ~= nil, vim.tbl_keys(found))
apply(quick)
check("it is applied", lines()[7] == "  include <abstractions/base>", lines()[7])
check("its diagnostic goes", vim.wait(10000, function()
  return not codes():find("deprecated-pound-include", 1, true)
end), codes())

-- All safe edits: the second rule of line 10 is redundant.
local all = actions(1, { "source.fixAll" })
local _, action = next(all)
check("all safe edits are offered", action ~= nil and action.kind == "source.fixAll.aalint", all)
apply(action)
check("they are applied", not table.concat(lines(), "\n"):find("index.html"), lines())

-- The layout: the last rule stands at the margin.
vim.lsp.buf.format({ async = false, timeout_ms = 10000 })
check("the text is laid out", lines()[10] == "  owner @{HOME}/notes rw,", lines())

-- Hover on a capability.
local hover = ask("textDocument/hover", at(8, 14))
check("hover says what a capability lets a process do", vim.inspect(hover):find("sys_admin") ~= nil, hover)

-- Completion of a capability.
vim.api.nvim_buf_set_lines(0, 10, 10, false, { "  capability sys_" })
local items = ask("textDocument/completion", at(11, 17))
check("capabilities are completed", vim.inspect(items):find("sys_ptrace") ~= nil, items)
vim.api.nvim_buf_set_lines(0, 10, 11, false, {})

-- Rename of a variable.
local rename = at(3, 3)
rename.newName = "PLACE"
vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", rename), "utf-8")
check("a variable is renamed where it is defined", lines()[3] == "@{PLACE} = /srv/web", lines()[3])
check("and where it is used", lines()[9] == "  @{PLACE}/** r,", lines()[9])

-- Inlay hints.
vim.api.nvim_buf_set_lines(0, 9, 9, false, { "  /srv/web/again r," })
local hints = ask("textDocument/inlayHint", {
  textDocument = vim.lsp.util.make_text_document_params(0),
  range = { start = { line = 0, character = 0 }, ["end"] = { line = 12, character = 0 } },
})
check("a rule that adds nothing has a hint", vim.inspect(hints):find("adds nothing") ~= nil, hints)

vim.cmd("qall!")
