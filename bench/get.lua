-- For wrk: gets every path of the file PATHS, in a mixed order; with CLOSE=1 each on a connection of its own.
local requests = {}
local next_request = 0
local step = 7919

function init()
  local close = os.getenv("CLOSE") and "Connection: close\r\n" or ""
  for path in io.lines(os.getenv("PATHS")) do
    requests[#requests + 1] = "GET " .. path .. " HTTP/1.1\r\nHost: localhost\r\n" .. close .. "\r\n"
  end
end

function request()
  next_request = next_request + step
  return requests[next_request % #requests + 1]
end
