;;; aalint.el --- Run aalint, the linter for AppArmor profiles -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "27.1"))
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; `M-x aalint' checks the file of the current buffer (with a prefix argument: asks for a path) in a compilation buffer;
;; `next-error' goes from finding to finding.  Loading this file also teaches `M-x compile' the format.

;;; Code:

(require 'compile)

(defgroup aalint nil
  "Lint AppArmor profiles."
  :group 'tools)

(defcustom aalint-command "aalint check --format concise"
  "Command that checks the path that is appended to it."
  :type 'string)

;; path:line:col: severity[code] name: message
(add-to-list
 'compilation-error-regexp-alist-alist
 '(aalint
   "^\\(.+?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(info\\|hint\\)\\)\\[AA[0-9]+\\] "
   1 2 3 (4 . 5)))
(add-to-list 'compilation-error-regexp-alist 'aalint)

;;;###autoload
(defun aalint (path)
  "Check PATH with aalint: the current buffer's file, or with a prefix argument any."
  (interactive
   (list (if (or current-prefix-arg (not buffer-file-name))
             (read-file-name "Check: ")
           buffer-file-name)))
  (compile (concat aalint-command " " (shell-quote-argument (expand-file-name path)))))

(provide 'aalint)
;;; aalint.el ends here
