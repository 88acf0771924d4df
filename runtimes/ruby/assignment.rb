# frozen_string_literal: true

module KilnRuntime
  # A jail that started before its function was known: Ruby has booted, everything here is loaded, and one request waits
  # for the function's environment variables.
  module Assignment
    PATH = '/kiln/2026-11-01/assignment'

    # Waits for the assignment and makes the process environment exactly the function's.
    def self.receive(client)
      warm_up
      response = ask(client)
      unless response.status == 200
        raise "The Runtime API answered #{response.status} to a request for an assignment."
      end

      ENV.replace(JSON.parse(response.body).fetch('env'))
      # Gems of the function and of its layers have appeared since RubyGems last looked.
      Gem.clear_paths
    end

    # Where the connection ends instead of an answer, this process goes on from a snapshot in a machine of its own, as others
    # do: it asks again there, and has random numbers of its own. A snapshot is taken once.
    def self.ask(client)
      client.get(PATH)
    rescue IOError, SystemCallError, RuntimeError
      client.connect
      response = client.get(PATH)
      Random.srand
      response
    end
    private_class_method :ask

    # What a first call does for the first time, done before there is one.
    def self.warm_up
      JSON.generate(JSON.parse('{"a":[1,"b"]}'))
      Time.now.utc.iso8601
      GC.start
    end
    private_class_method :warm_up
  end
end
