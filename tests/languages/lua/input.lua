local M = {}

--- Adds two numbers.
-- @param a one
-- @param b other
-- @return their sum
local function add(a, b)
  return tonumber(a) + math.floor(b)
end

-- A plain comment is no doc.
function M.sub.mul(a) return a:times(2) end

---@param x number
function M:method(x) end

--[[--
A block doc.
]]
local bound = function(...) end

M.assigned = function() end

local api = {
  --- Inside a table.
  get = function() end,
  ["quoted"] = function() end,
  nested = { deep = function() end },
}

function global() local function inner() end end
